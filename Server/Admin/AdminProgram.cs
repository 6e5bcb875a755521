using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>
/// ota-admin from its arguments to its exit code: every failure becomes one line, or one JSON object.
/// </summary>
internal static class AdminProgram
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public static Task<int> RunAsync(
        string[] args, Terminal terminal, TimeProvider clock, CancellationToken cancellationToken)
    {
        var common = new AdminOptions();
        var root = Build(common, terminal, clock);
        return new CommandRun(Description, root, common).RunAsync(
            EnvironmentArgument.Complete(root, OptionParsers.WithDefaults(args)), terminal.Out, terminal.Error,
            cancellationToken);
    }

    /// <summary>The whole command line.</summary>
    internal static RootCommand Build(AdminOptions common, Terminal terminal, TimeProvider clock)
    {
        var context = new AdminContext(common, terminal, clock);
        var root = new RootCommand(
            "Publishes releases to a ChunkOta server and looks after its products, tokens and channels.")
        {
            new LoginVerb(context),
            new LogoutVerb(context),
            new ProfilesVerb(context),
            new VerbGroup("keys", "The keys that sign releases.")
            {
                new KeysInitVerb(context), new KeysShowVerb(context), new KeysRenewVerb(context),
                new KeysRotateVerb(context), new KeysPasswdVerb(context),
            },
            new VerbGroup(
                "products", "What is released.")
            {
                new ProductsCreateVerb(context), new ProductsListVerb(context), new ProductsRootVerb(context),
                new ProductsServersVerb(context), new ProductsQuotaVerb(context),
            },
            new VerbGroup("tokens", "Who may do what.")
            {
                new TokensCreateVerb(context), new TokensListVerb(context), new TokensRevokeVerb(context),
            },
            new PublishVerb(context),
            new PromoteVerb(context),
            new RereleaseVerb(context),
            new WithdrawVerb(context),
            new ReinstateVerb(context),
            new ChannelsVerb(context)
            {
                new ChannelsRenewVerb(context), new ChannelsDeleteVerb(context), new ChannelsKeepVerb(context),
            },
            new ReleasesVerb(context) { new ReleasesDeleteVerb(context), new ReleasesUndeleteVerb(context) },
            new VerbGroup("anchors", "Releases that are pinned as known-good.")
            {
                new AnchorsAddVerb(context), new AnchorsRemoveVerb(context), new AnchorsListVerb(context),
            },
            new ShowReleaseVerb(context),
            new DeltasVerb(context),
            new ExplainVerb(context),
            new StatsVerb(context),
            new StoreVerifyVerb(context),
            new GcVerb(context),
            new ForecastVerb(context),
        };
        common.AddTo(root);
        StandardVerbs.AddTo(root, Description, context);
        return root;
    }

    private static ProgramDescription Description => new(
        "ota-admin", "interrupted: what was stored stays stored; run the same command again to go on")
    {
        Environment =
        [
            ("OTA_SERVER", "The server, where --server is not given."),
            ("OTA_TOKEN", "The access token, where --token is not given: @FILE or the token itself."),
            ("OTA_CA", "The PEM file of certificates to trust, where --ca is not given."),
            ("OTA_PROFILE", "The profile, where --profile is not given."),
            ("OTA_KEYS", "The folder of keys, where --keys is not given."),
            ("OTA_KEYS_PASSPHRASE", "The passphrase of encrypted keys, where --passphrase-file is not given."),
            ("OTA_KEYS_NEW_PASSPHRASE", "The passphrase that 'keys passwd' sets."),
            ("OTA_PRODUCT", "The product, where --product or PRODUCT is not given."),
            ("OTA_CHANNEL", "The channel, where --channel, --to or CHANNEL is not given."),
            ("OTA_PLATFORM", "The platform, where --platform is not given."),
            ("XDG_CONFIG_HOME", "The folder that holds chunkota/, the folder of profiles; else ~/.config."),
            ("HTTPS_PROXY, NO_PROXY", "The proxy for TLS to other machines."),
        ],
        Files = [("$XDG_CONFIG_HOME/chunkota/NAME.json", "A profile: server, token and certificates; mode 0600.")],
    };
}
