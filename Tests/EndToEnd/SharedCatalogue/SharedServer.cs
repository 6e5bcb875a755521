using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>One of several servers on one database and the same objects, with a data folder of its own, behind a proxy
/// that keeps its port.</summary>
internal sealed class SharedServer : IAsyncDisposable
{
    private readonly string[] _settings;
    private readonly List<string> _logs = [];

    private SharedServer(ServerProcess process, string[] settings)
    {
        (Process, _settings) = (process, settings);
        Proxy = new CuttingProxy(process.Grpc.Port);
    }

    public ServerProcess Process { get; private set; }

    public CuttingProxy Proxy { get; }

    public string Url => $"http://127.0.0.1:{Proxy.Port}";

    /// <summary>The lines that its processes logged, those that were killed as well.</summary>
    public IEnumerable<string> Log => _logs.Append(Process.Log).SelectMany(log => log.Split('\n'));

    public static async Task<SharedServer> StartAsync(string data, params string[] settings) =>
        new(await ServerProcess.StartAsync(data, settings), settings);

    /// <summary>Kills the process, and starts another one on the same data folder.</summary>
    public async Task KillAndStartAsync()
    {
        var killed = Process;
        await killed.KillAsync();
        _logs.Add(killed.Log);
        Process = await ServerProcess.StartAsync(killed.Data, _settings);
        await killed.DisposeAsync();
        Proxy.TargetPort = Process.Grpc.Port;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Proxy.DisposeAsync();
    }
}
