using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ChunkOta.Client;
using ChunkOta.Durable;

namespace ChunkOta.Tests.Support;

/// <summary>The real ota-server as a process, on free loopback ports, with a data folder of the test.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly OwnedProcess _process;
    private readonly StringBuilder _log = new();

    private ServerProcess(OwnedProcess process, string data)
    {
        _process = process;
        Data = data;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log) _log.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    public string Data { get; }

    public Uri Grpc { get; private set; } = null!;

    public Uri Http { get; private set; } = null!;

    public Uri Tls { get; private set; } = null!;

    /// <summary>The port of the metrics; null when it is off.</summary>
    public Uri? Metrics { get; private set; }

    public byte[] SpkiSha256 { get; private set; } = null!;

    public int Id => _process.Id;

    /// <summary>All that the server logged so far.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>The admin token that the server's first start made.</summary>
    public string AdminToken => File.ReadAllText(Path.Combine(Data, "admin.token")).Trim();

    /// <summary>Starts a server and waits for its ready line.</summary>
    /// <param name="data">The data folder, which may hold releases already.</param>
    /// <param name="settings"><c>Section:Key=value</c> beside the ports.</param>
    public static Task<ServerProcess> StartAsync(string data, params string[] settings) =>
        StartWithAsync(data, new Dictionary<string, string?>(), settings);

    /// <summary>Moves the server's time of day forward from the system's.</summary>
    public Task AdvanceClockAsync(TimeSpan by) => File.WriteAllTextAsync(
        ClockOf(Data), by.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string ClockOf(string data) => data + ".clock";

    /// <summary>Starts a server whose disk fails, or that dies, as a schedule of <c>FaultPoint</c> says.</summary>
    public static Task<ServerProcess> StartFaultyAsync(string data, string fault, params string[] settings) =>
        StartWithAsync(data, new Dictionary<string, string?> { [FaultPoint.Variable] = fault }, settings);

    /// <summary>Starts a server with these environment variables beside the tests' own.</summary>
    public static async Task<ServerProcess> StartWithAsync(
        string data, IReadOnlyDictionary<string, string?> environment, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Programs.Server, "run", "--data", data]);
        foreach (var port in new[] { "Grpc", "Http", "Tls", "Metrics" })
            start.ArgumentList.Add($"Listen:{port}=127.0.0.1:0");
        foreach (var setting in settings) start.ArgumentList.Add(setting);
        start.Environment["CHUNKOTA_CLOCK"] = ClockOf(data);
        foreach (var (name, value) in environment) start.Environment[name] = value;

        var server = new ServerProcess(OwnedProcess.Begin(start), data);
        try
        {
            await server.ReadReadyLineAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection for calls with this token; null for none.</summary>
    public ServerConnection Connect(string? token) =>
        Connect(token is null ? new AnonymousAuthorization() : new BearerAuthorization(token));

    /// <summary>A connection in the clear.</summary>
    public ServerConnection Connect(ICallAuthorization authorization) =>
        ServerConnection.Open(ServerAddress.Parse(Grpc.ToString()), ServerTrust.System, new WireMeter(), authorization);

    /// <summary>Asks for a clean stop, as a service manager would. The exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await EndedAsync("the server's stop");
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, such as <c>HUP</c>.</summary>
    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Waits until the log has a line with this text, and returns the line.</summary>
    public async Task<string> WaitForLogAsync(string text)
    {
        var log = await Eventually.Async(
            $"a log line with '{text}'", () => Task.FromResult(Log),
            log => log.Contains(text, StringComparison.Ordinal));
        return log.Split('\n').First(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Kills the process without a chance to clean up: kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync("the killed server's end");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private Task EndedAsync(string what) => Eventually.Async(what, _process.WaitForExitAsync(), () => Log);

    private async Task ReadReadyLineAsync()
    {
        var line = await Eventually.Async(
            "the server's ready line", _process.StandardOutput.ReadLineAsync(), () => Log);
        if (line is null)
        {
            await EndedAsync("the end of a server that did not start");
            throw new InvalidOperationException($"The server did not start, exit code {_process.ExitCode}: {Log}");
        }

        using var ready = JsonDocument.Parse(line);
        Grpc = new Uri(ready.RootElement.GetProperty("grpc").GetString()!);
        Http = new Uri(ready.RootElement.GetProperty("http").GetString()!);
        Tls = new Uri(ready.RootElement.GetProperty("tls").GetString()!);
        if (ready.RootElement.GetProperty("metrics").GetString() is { } metrics) Metrics = new Uri(metrics);
        SpkiSha256 = Convert.FromHexString(ready.RootElement.GetProperty("tls_spki_sha256").GetString()!);
    }
}
