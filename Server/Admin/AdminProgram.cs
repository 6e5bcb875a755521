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
        return new CommandRun("ota-admin", Build(common, terminal, clock), common.Json,
            "interrupted: what was stored stays stored; run the same command again to go on")
            .RunAsync(args, terminal.Out, terminal.Error, cancellationToken);
    }

    /// <summary>The whole command line.</summary>
    internal static RootCommand Build(AdminOptions common, Terminal terminal, TimeProvider clock)
    {
        var context = new AdminContext(common, terminal, clock);
        var root = new RootCommand(
            "Publishes releases to a ChunkOta server and looks after its products, tokens and channels.")
        {
            new VerbGroup("keys", "The keys that sign releases.") { new KeysInitVerb(context) },
            new VerbGroup(
                "products", "What is released.") { new ProductsCreateVerb(context), new ProductsListVerb(context) },
            new VerbGroup("tokens", "Who may do what.")
            {
                new TokensCreateVerb(context), new TokensListVerb(context), new TokensRevokeVerb(context),
            },
            new PublishVerb(context),
            new ChannelsVerb(context) { new ChannelsRenewVerb(context) },
            new ReleasesVerb(context),
            new VerbGroup("anchors", "Releases that are pinned as known-good.")
            {
                new AnchorsAddVerb(context), new AnchorsRemoveVerb(context), new AnchorsListVerb(context),
            },
            new ShowReleaseVerb(context),
            new DeltasVerb(context),
            new ExplainVerb(context),
            new StatsVerb(context),
            new ForecastVerb(context),
        };
        common.AddTo(root);
        return root;
    }
}
