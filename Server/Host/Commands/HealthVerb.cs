using System.CommandLine;
using System.Text.Json.Nodes;
using ChunkOta.Cli;

namespace ChunkOta.Server;

/// <summary><c>health</c>: asks the running server, for containers, which have no other program to ask with.</summary>
internal sealed class HealthVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    public HealthVerb(VerbContext context) : base(context, "health",
        "Asks the server that runs with these settings, at Listen:Http, whether it is healthy; exits with 8 if it is "
        + "not.",
        "ota-server health --data /var/lib/chunkota",
        "ota-server health --data /var/lib/chunkota --config /etc/chunkota/server.json --json") =>
        _settings.AddTo(this);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await HealthProbe.AskAsync(_settings.Load(parsed), cancellationToken);
        if (IsJson(parsed)) Terminal.Out.WriteLine(new JsonObject { ["healthy"] = true }.ToJsonString());
        else Terminal.WriteLine("healthy");
    }
}
