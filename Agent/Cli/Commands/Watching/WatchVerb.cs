using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>watch</c>: keeps all products up to date for as long as it runs.</summary>
internal sealed class WatchVerb : AgentVerb
{
    /// <summary>Makes the command.</summary>
    public WatchVerb(AgentContext context)
        : base(
            context,
            "watch",
            "Keeps all installed products up to date until SIGTERM or Ctrl-C: checks, downloads and installs according "
            + "to the settings. SIGHUP reloads the settings and checks every product at once.",
            "ota-agent watch",
            "ota-agent watch Watch:PollSeconds=900 Watch:PauseOnBattery=true",
            "ota-agent watch --home /opt/chunkota --config /etc/chunkota/ota-agent.json") =>
        Add(context.Home.Assignments);

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var watcher = new Watcher(
            OptionsOf(parsed),
            () => LoadSettings(parsed),
            CommonOptions.Variable,
            new WatchLog(Notes(parsed), Terminal),
            Clock);
        await watcher.RunAsync(cancellationToken);
        return 0;
    }
}
