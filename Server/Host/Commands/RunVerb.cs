using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Server;

/// <summary><c>run</c>: serves until it is told to stop.</summary>
internal sealed class RunVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    public RunVerb(VerbContext context) : base(context, "run",
        "Serves until SIGTERM or Ctrl-C. Prints one line of JSON to standard output when it is ready; logs go to "
        + "standard error. The first start creates the data folder with a self-signed TLS certificate (tls.crt) and "
        + "an admin token (admin.token).",
        "ota-server run --data /var/lib/chunkota",
        "ota-server run --config /etc/chunkota/server.json",
        "ota-server run --data data Listen:Tls=0.0.0.0:7443 Tls:Names:0=updates.example.com") =>
        _settings.AddTo(this);

    protected override bool IsChange => true;

    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        ServerRun.ServeAsync(() => _settings.Load(parsed), Terminal.Out);
}
