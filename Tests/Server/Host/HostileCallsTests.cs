using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server;

/// <summary>Calls that no program of ours makes: each gets a code, one short line in the log, and no stack.</summary>
public sealed class HostileCallsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private ServerProcess _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await ServerProcess.StartAsync(_folder["data"], "Limits:HeadersTimeoutSeconds=2");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Devices/Enrol")]
    [InlineData("Devices/CheckForUpdate")]
    [InlineData("Publishing/PutRecipes")]
    [InlineData("Publishing/Commit")]
    [InlineData("Chunks/PutFrames")]
    public async Task Malformed_messages_get_a_code_and_no_stack(string method)
    {
        var before = _server.Log.Length;
        // Frames are read by our own code, which knows better what is wrong.
        var unreadable = method == "Chunks/PutFrames" ? "FRAME_INVALID" : "CALL_INVALID";

        var answers = new[]
        {
            await CallAsync(method, Frame(0, [0x0a, 0xff, 0xff]), unreadable),
            await CallAsync(method, Frame(0, [0x0a, 0x10], declared: 200), "CALL_INVALID"),
            await CallAsync(method, Frame(0, [0x0a], declared: 3 << 20), "TOO_LARGE"),
            await CallAsync(method, Frame(1, [0x1f, 0x8b, 0x08]), "CALL_INVALID", encoding: "gzip"),
            await CallAsync(method, Frame(1, [0x00]), "CALL_INVALID", encoding: "nonsense"),
            await CallAsync(method, Frame(1, [0x00]), "CALL_INVALID"),
        };

        Assert.All(answers, Assert.Null);
        await CallAsync("Devices/Enrol", Frame(0, [0x0a, 0xff]), "CALL_INVALID");
        await Eventually.Async(
            "the log line of the last call", () => _server.Log[before..].Split("refused:").Length > answers.Length);
        var lines = _server.Log[before..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 1, answers.Length + 1);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 350));
        Assert.DoesNotContain("   at ", _server.Log, StringComparison.Ordinal);
        Assert.Contains("from 127.0.0.1 refused: CALL_INVALID", _server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_service_unpacks_a_compressed_message() => Assert.Null(await CallAsync(
        "grpc.health.v1.Health/Check", Frame(1, [0x1f, 0x8b, 0x08]), "CALL_INVALID", encoding: "gzip"));

    [Fact]
    public async Task Wrong_tokens_are_limited_while_one_that_was_accepted_works()
    {
        using var valid = _server.Connect(_server.AdminToken);
        var administration = new Administration.AdministrationClient(valid.Invoker);
        var other = await administration.CreateTokenAsync(new CreateTokenRequest { Role = TokenRole.Reader });
        using var wrong = _server.Connect(AccessToken.Generate().ToString());
        var codes = new List<string>();
        for (var i = 0; i < 60; i++) codes.Add(await CodeOfListAsync(wrong));

        Assert.Equal("TOKEN_INVALID", codes[0]);
        Assert.Equal("RATE_LIMITED", codes[^1]);
        Assert.InRange(codes.Count(code => code == "TOKEN_INVALID"), 20, 40);
        await administration.ListTokensAsync(new ListTokensRequest());
        using var http = await _http.GetAsync(new Uri(_server.Http, "v1/manifests/x"));
        Assert.Equal(HttpStatusCode.TooManyRequests, http.StatusCode);
        Assert.InRange(http.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("from 127.0.0.1 refused: TOKEN_INVALID", _server.Log, StringComparison.Ordinal);

        // A token that the server has not seen gets in as soon as the limit allows one more attempt.
        using var reader = _server.Connect(other.Token);
        await Eventually.Async("the reader is let in", async () =>
        {
            try
            {
                await new Administration.AdministrationClient(reader.Invoker)
                    .ListProductsAsync(new ListProductsRequest());
                return "";
            }
            catch (ChunkOtaException failure)
            {
                return failure.Code;
            }
        }, code => code.Length == 0);
    }

    [Fact]
    public async Task Wrong_signatures_are_limited_while_a_device_that_was_accepted_works()
    {
        await using var own = new OwnServer();
        using var publisher = await own.StartAsync();
        using var device = await own.EnrolAsync(publisher);
        using var unknown = new ForgingDevice();
        using var connection = own.Process.Connect(unknown);
        var codes = new List<string>();
        while (codes.Count < 5000 && (codes.Count < 300 || codes[^1] != "RATE_LIMITED"))
            codes.Add(await CodeOfAsync(() => ReportAsync(new Devices.DevicesClient(connection.Invoker), publisher)));

        Assert.Equal("DEVICE_UNKNOWN", codes[0]);
        Assert.Equal("RATE_LIMITED", codes[^1]);
        await ReportAsync(device.Devices, publisher);
    }

    [Fact]
    public async Task A_flood_of_refused_calls_is_counted_not_logged()
    {
        for (var i = 0; i < 600; i++)
            using (await _http.GetAsync(new Uri(_server.Http, "v1/manifests/x"))) { }

        Assert.InRange(_server.Log.Split("refused:").Length - 1, 50, 300);
        await Eventually.Async("a line that counts the rest", async () =>
        {
            using (await _http.GetAsync(new Uri(_server.Http, "v1/manifests/x"))) { }
            return _server.Log;
        }, log => log.Contains("more refused calls from 127.0.0.1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "nowhere", 404, "CALL_INVALID")]
    [InlineData("POST", "version", 405, "CALL_INVALID")]
    [InlineData("GET", "v1/manifests/x", 401, "TOKEN_INVALID")]
    public async Task Http_errors_are_problems_with_a_code(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Http, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));

        using var answer = await _http.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.Equal(code, Assert.Single(answer.Headers.GetValues("ota-code")));
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\nHost: a\n\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n")]
    public async Task A_request_that_a_proxy_may_cut_elsewhere_is_refused_and_closed(string request)
    {
        var answer = await SendRawAsync(_server.Http.Port, request + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    public async Task A_connection_that_does_not_begin_is_closed(string begin) =>
        Assert.DoesNotContain("HTTP/1.1 200", await SendRawAsync(_server.Grpc.Port, begin), StringComparison.Ordinal);

    [Theory]
    [InlineData("livez")]
    [InlineData("readyz")]
    [InlineData("healthz")]
    public async Task Probes_are_answered(string path)
    {
        using var answer = await _http.GetAsync(new Uri(_server.Http, path));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("ok\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_server_without_its_store_lives_but_is_not_ready()
    {
        Directory.Move(Path.Combine(_server.Data, "objects"), Path.Combine(_server.Data, "lost"));
        await File.WriteAllTextAsync(Path.Combine(_server.Data, "objects"), "");

        using var ready = await _http.GetAsync(new Uri(_server.Http, "readyz"));
        using var live = await _http.GetAsync(new Uri(_server.Http, "livez"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("STORE_UNAVAILABLE", Assert.Single(ready.Headers.GetValues("ota-code")));
        Assert.DoesNotContain(_server.Data, await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_stalled_call_beyond_its_limit()
    {
        await _server.DisposeAsync();
        _server = await ServerProcess.StartAsync(_folder["data"], "Limits:StopTimeoutSeconds=1");
        using var connection = _server.Connect(_server.AdminToken);
        using var stalled = new Publishing.PublishingClient(connection.Invoker).PutRecipes();
        await stalled.RequestStream.WriteAsync(new PutRecipesRequest());

        Assert.Equal(0, await _server.StopAsync());
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_connections_that_have_not_begun()
    {
        await _server.DisposeAsync();
        _server = await ServerProcess.StartAsync(
            _folder["data"], "Limits:HeadersTimeoutSeconds=300", "Limits:StopTimeoutSeconds=600");
        using var grpc = new TcpClient();
        using var tls = new TcpClient();
        await grpc.ConnectAsync(IPAddress.Loopback, _server.Grpc.Port);
        await tls.ConnectAsync(IPAddress.Loopback, _server.Tls.Port);
        // A later connection is answered, so the server has accepted these.
        using (await _http.GetAsync(new Uri(_server.Http, "livez"))) { }

        Assert.Equal(0, await _server.StopAsync().WaitAsync(TimeSpan.FromMinutes(2)));
    }

    /// <summary>Null if the call was refused with the code; else what it was answered.</summary>
    private async Task<string?> CallAsync(string method, byte[] body, string code, string? encoding = null)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(_server.Grpc, method.Contains('.') ? $"/{method}" : $"/chunkota.v1.{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _server.AdminToken);
        request.Headers.Add("te", "trailers");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (encoding is not null) request.Headers.Add("grpc-encoding", encoding);
        using var answer = await _http.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        var all = answer.Headers.Concat(answer.TrailingHeaders).ToLookup(header => header.Key, header => header.Value);
        var got = all["ota-code"].SingleOrDefault()?.Single();
        return got == code ? null : $"{method}: {got}: {string.Join(", ", all.SelectMany(h => h.SelectMany(v => v)))}";
    }

    private static async Task ReportAsync(Devices.DevicesClient client, TestPublisher publisher) =>
        await client.ReportAsync(new ReportRequest
        {
            Product = publisher.Product,
            Platform = TestPublisher.Platform,
            Channel = TestPublisher.Channel,
            State = DeviceState.Idle,
        });

    private static async Task<string> CodeOfAsync(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;

    private static byte[] Frame(byte flag, byte[] payload, int? declared = null)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), declared ?? payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    private static async Task<string> CodeOfListAsync(ServerConnection connection) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(async () =>
            await new Administration.AdministrationClient(connection.Invoker)
                .ListTokensAsync(new ListTokensRequest()))).Code;

    /// <summary>Sends bytes and reads until the server closes the connection.</summary>
    private static async Task<string> SendRawAsync(int port, string request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), limit.Token);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int length; (length = await stream.ReadAsync(buffer, limit.Token)) > 0;)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }
        catch (IOException)
        {
            // A reset closes it as well.
            return answer.ToString();
        }

        return answer.ToString();
    }

    /// <summary>A device that the server does not know.</summary>
    private sealed class ForgingDevice : ICallAuthorization, IDisposable
    {
        private readonly SigningKey _key = SigningKey.Generate();

        public (string Name, string Value)? HeaderFor(string method, string authority) => (
            DeviceCall.HeaderName,
            DeviceCall.Sign(_key, "forged", method, authority, TimeProvider.System.GetUtcNow()));

        public void Dispose() => _key.Dispose();
    }
}
