using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>ota-agent from its arguments to its exit code: every failure becomes a line or a JSON object.</summary>
internal static class AgentProgram
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public static Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        var common = new HomeOptions();
        return new CommandRun(Description, Build(common, terminal), common)
            .RunAsync(args, terminal.Out, terminal.Error, cancellationToken);
    }

    /// <summary>The whole command line.</summary>
    internal static RootCommand Build(HomeOptions common, Terminal terminal)
    {
        var context = new AgentContext(common, terminal, TimeProvider.System);
        var root = new RootCommand("Installs and upgrades products from ChunkOta servers.")
        {
            new InstallVerb(context),
            new UpgradeVerb(context),
            new WatchVerb(context),
            new ConsentVerb(context),
            new RevertVerb(context),
            new HoldVerb(context),
            new UnholdVerb(context),
            new ConfirmVerb(context),
            new LaunchVerb(context),
            new ListVerb(context),
            new ShowVerb(context),
            new StatusVerb(context),
            new VerifyVerb(context),
            new RepairVerb(context),
            new DoctorVerb(context),
            new PruneVerb(context),
            new TrustVerb(context),
            new BootVerb(context),
            new VerbGroup("config", "The settings.") { new SettingsCheckVerb(context) },
            new SelfTestVerb(context),
        };
        root.Directives.Clear();
        common.AddTo(root);
        StandardVerbs.AddTo(root, Description, context);
        return root;
    }

    private static ProgramDescription Description => new("ota-agent", "interrupted: what is installed has not changed")
    {
        Environment =
        [
            ("OTA_HOME", "The agent's folder, where --home is not given."),
            ("OTA_AGENT_CONFIG", "The file of settings, where --config is not given."),
            ("OTA_AGENT__Section__Key", "A setting, such as OTA_AGENT__Watch__PollSeconds; it wins over the file."),
            ("OTA_SERVER", "The server to install from, where --server is not given."),
            ("OTA_INSTALL_TOKEN", "The install token, where --install-token is not given: @FILE or the token itself."),
            ("XDG_DATA_HOME", "The folder that holds chunkota/, the home of a user who is not root."),
            ("HTTPS_PROXY, NO_PROXY", "The proxy for TLS to other machines."),
        ],
        Files =
        [
            ("HOME/PRODUCT/current", "The installed release: a symbolic link that is flipped when it is complete."),
            ("/etc/chunkota/ota-agent.json",
                "Settings: when releases are installed, how they prove that they work, and what runs around them."),
            ("HOME/PRODUCT/.state", "What the device trusts and has accepted."),
        ],
    };
}
