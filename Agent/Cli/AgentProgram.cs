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
        return new CommandRun("ota-agent", Build(common, terminal), common.Json,
            "interrupted: what is installed has not changed")
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
            new RevertVerb(context),
            new ListVerb(context),
            new ShowVerb(context),
            new StatusVerb(context),
            new VerifyVerb(context),
            new PruneVerb(context),
            new SelfTestVerb(context),
        };
        root.Directives.Clear();
        common.AddTo(root);
        return root;
    }
}
