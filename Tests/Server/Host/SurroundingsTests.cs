using System.Net;
using System.Net.Sockets;
using System.Text;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server;

/// <summary>The server among shells, log rotation and service managers.</summary>
public sealed class SurroundingsTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_started_server_says_where_it_listens_and_what_to_type_next()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);

        var next = await _server.WaitForLogAsync("next: ");

        var tls = _server.Tls.ToString().TrimEnd('/');
        Assert.EndsWith(
            $"next: ota-admin login {tls} --token @{_server.Data}/admin.token --ca {_server.Data}/tls.crt", next,
            StringComparison.Ordinal);
        Assert.Contains($"listening on {tls}: TLS", _server.Log, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_server.Data, "admin.token")));
        Assert.True(File.Exists(Path.Combine(_server.Data, "tls.crt")));
    }

    [Fact]
    public async Task The_service_manager_hears_of_start_reload_and_stop()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        _server = await ServerProcess.StartWithAsync(
            _folder["data"], new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = _folder["notify"] });
        Assert.Equal("READY=1", await HearAsync(manager));

        await _server.SignalAsync("HUP");

        var reloading = (await HearAsync(manager)).Split('\n');
        Assert.Equal("RELOADING=1", reloading[0]);
        Assert.Matches("^MONOTONIC_USEC=[0-9]+$", reloading[1]);
        Assert.Equal("READY=1", await HearAsync(manager));

        Assert.Equal(0, await _server.StopAsync());
        Assert.Equal("STOPPING=1", await HearAsync(manager));
    }

    [Fact]
    public async Task The_server_listens_when_the_service_manager_hears_that_it_is_ready()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));

        var locked = _folder["data/lock"];
        Directory.CreateDirectory(_folder["data"]);

        // Killed, it starts again on the same data.
        for (var run = 1; run <= 2; run++)
        {
            File.Delete(locked);
            var port = FreePort();
            using var server = ProgramRun.Start(
                new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = _folder["notify"] }, "dotnet", Programs.Server,
                "run", "--data", _folder["data"], "Listen:Grpc=127.0.0.1:0", $"Listen:Http=127.0.0.1:{port}",
                "Listen:Tls=off", "Listen:Metrics=off");
            try
            {
                // Signals are handled before the data folder is opened.
                await Eventually.Async("the start", () => Task.FromResult(File.Exists(locked)), isThere => isThere);
                await server.SignalAsync("HUP");

                Assert.Equal("READY=1", await HearAsync(manager));
                using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
                Assert.True(await AnswersAsync(http));
                Assert.StartsWith("RELOADING=1\n", await HearAsync(manager), StringComparison.Ordinal);
                Assert.Equal("READY=1", await HearAsync(manager));
            }
            finally
            {
                server.Kill();
                await ProgramRun.FinishAsync(server);
            }
        }
    }

    [Theory]
    [InlineData(">/dev/full 2>/dev/full")]
    [InlineData(">&- 2>&-")]
    [InlineData("<&- >&- 2>&-")]
    [InlineData(">/dev/full 2>&-")]
    public async Task Output_that_is_full_or_closed_ends_no_server(string redirections)
    {
        var port = FreePort();
        var run =
            $"exec dotnet '{Programs.Server}' run --data '{_folder["data"]}' Listen:Grpc=127.0.0.1:0 "
            + $"Listen:Http=127.0.0.1:{port} Listen:Tls=off Listen:Metrics=off {redirections}";
        using var server = ProgramRun.Start(new Dictionary<string, string?>(), "sh", "-c", run);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.Async("an answer", () => AnswersAsync(http), isAnswered => isAnswered);

        // Each refusal is a line of the log.
        for (var i = 0; i < 20; i++)
        {
            var answer = await http.GetAsync(new Uri("v1/manifests/x", UriKind.Relative));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        Assert.True(await AnswersAsync(http));
        await server.SignalAsync("TERM");
        Assert.Equal(0, (await ProgramRun.FinishAsync(server)).ExitCode);
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync(new Uri("healthz", UriKind.Relative))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string> HearAsync(Socket manager)
    {
        var buffer = new byte[4096];
        var length = await manager.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromMinutes(2));
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
