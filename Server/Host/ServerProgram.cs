using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Server;

/// <summary>ota-server from its arguments to its exit code: every failure becomes a line or a JSON object.</summary>
internal static class ServerProgram
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public static Task<int> RunAsync(string[] arguments, Terminal terminal)
    {
        var common = new CommonOptions();
        return new CommandRun(Description, Build(common, terminal), common)
            .RunAsync(arguments, terminal.Out, terminal.Error, CancellationToken.None);
    }

    /// <summary>The whole command line.</summary>
    internal static RootCommand Build(CommonOptions common, Terminal terminal)
    {
        var context = new VerbContext(common, terminal, TimeProvider.System);
        var root = new RootCommand("Stores releases, receives them from publishers and serves them to devices.")
        {
            new RunVerb(context),
            new HealthVerb(context),
            new TokenVerb(context),
            new ReindexVerb(context),
            new VerbGroup("store", "The catalogue and the objects.") { new StoreMigrateVerb(context) },
            new VerbGroup("backup", "Copies of a server that it can be restored from.")
            {
                new BackupCreateVerb(context),
                new BackupListVerb(context),
                new BackupVerifyVerb(context),
            },
            new RestoreVerb(context),
            new VerbGroup("config", "The settings.") { new ConfigCheckVerb(context) },
        };
        common.AddTo(root);
        StandardVerbs.AddTo(root, Description, context);
        return root;
    }

    private static ProgramDescription Description => new("ota-server", "interrupted")
    {
        ManualSection = 8,
        Version = () => ServerVersion.Line,
        Environment = [("OTA_SERVER__Section__Key", "A setting, such as OTA_SERVER__Listen__Tls=0.0.0.0:7443.")],
        Files =
        [
            ("/etc/chunkota/server.json", "The settings of the packaged service."),
            ("DATA/admin.token", "The first admin token; written by the first start."),
            ("DATA/tls.crt, DATA/tls.key", "The self-signed certificate; written by the first start."),
        ],
        // The host drains its calls for as long as Limits:StopTimeoutSeconds says.
        TerminationPatience = null,
    };
}
