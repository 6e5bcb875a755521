using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Http;

/// <summary>Bodies of more than one piece: by the kernel on the port without TLS, by the process on the other
/// one.</summary>
public sealed class ObjectBodyTests : IAsyncDisposable
{
    private readonly OwnServer _server = new();
    private readonly HttpClient _http;

    public ObjectBodyTests() => _http = new HttpClient(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = 1,
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is X509Certificate2 { PublicKey: var key } && _server.Process.SpkiSha256.AsSpan()
                    .SequenceEqual(SHA256.HashData(key.ExportSubjectPublicKeyInfo())),
        },
    });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Whole_objects_and_ranges_are_the_stored_bytes_on_both_ports_and_the_connection_goes_on()
    {
        var (path, stored) = await PublishAsync();

        foreach (var port in new[] { _server.Process.Http, _server.Process.Tls })
        {
            for (var round = 0; round < 3; round++)
            {
                Assert.Equal(stored, await GetAsync(port, path, null));
                var range = new RangeHeaderValue(1000, stored.Length - 2);
                Assert.Equal(stored[1000..^1], await GetAsync(port, path, range));
                Assert.Equal(stored[5..15], await GetAsync(port, path, new RangeHeaderValue(5, 14)));
            }
        }
    }

    [Fact]
    public async Task Requests_that_come_at_once_are_answered_in_their_order()
    {
        var (path, stored) = await PublishAsync();
        var port = _server.Process.Http;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port.Port);
        var get = $"GET /{path} HTTP/1.1\r\nHost: {port.Authority}\r\n"
            + $"Authorization: Bearer {_server.Process.AdminToken}\r\n";

        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"{get}\r\n{get}Range: bytes=7-\r\n\r\nGET /livez HTTP/1.1\r\nHost: {port.Authority}\r\n"
            + "Connection: close\r\n\r\n"));
        using var stream = new NetworkStream(socket);
        using var answers = new MemoryStream();
        await Eventually.Async("three answers", stream.CopyToAsync(answers), () => _server.Process.Log);

        var bytes = answers.ToArray().AsSpan();
        Assert.Equal(stored, ReadBody(ref bytes, "200 OK"));
        Assert.Equal(stored[7..], ReadBody(ref bytes, "206 Partial Content"));
        Assert.Contains("200 OK", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        Assert.EndsWith("ok\n\r\n0\r\n\r\n", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_leaves_in_the_middle_harms_nobody()
    {
        var (path, stored) = await PublishAsync();
        var port = _server.Process.Http;
        for (var i = 0; i < 20; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            await socket.ConnectAsync(IPAddress.Loopback, port.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"GET /{path} HTTP/1.1\r\nHost: {port.Authority}\r\n"
                + $"Authorization: Bearer {_server.Process.AdminToken}\r\n\r\n"));
            await socket.ReceiveAsync(new byte[1000]);
            // A reset instead of an orderly end.
            if (i % 2 == 0) socket.LingerState = new LingerOption(true, 0);
        }

        Assert.Equal(stored, await GetAsync(port, path, null));
        var log = _server.Process.Log;
        Assert.False(log.Contains(" error ", StringComparison.Ordinal), log);
    }

    [Fact]
    public async Task A_caller_whose_budget_is_spent_is_told_when_to_come_back_and_others_are_served()
    {
        var (path, stored) = await PublishAsync("Fetch:CallerBytesPerSecond=1000", "Fetch:CallerBurstBytes=100000");
        using var connection = _server.Process.Connect(_server.Process.AdminToken);
        var other = (await new Administration.AdministrationClient(connection.Invoker).CreateTokenAsync(
            new CreateTokenRequest { Role = TokenRole.Reader })).Token;

        Assert.Equal(stored, await GetAsync(_server.Process.Http, path, null));
        using var refused = await SendAsync(_server.Process.Http, path, null, _server.Process.AdminToken);
        using var served = await SendAsync(_server.Process.Http, path, null, other);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(ErrorCodes.Throttled, Assert.Single(refused.Headers.GetValues("ota-code")));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 16, stored.Length / 1000);
        Assert.Equal("no-store", refused.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    private static byte[] ReadBody(ref Span<byte> answers, string status)
    {
        var end = answers.IndexOf("\r\n\r\n"u8) + 4;
        var head = Encoding.ASCII.GetString(answers[..end]);
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", head, StringComparison.Ordinal);
        var length = int.Parse(
            head.Split("Content-Length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
        var body = answers.Slice(end, length).ToArray();
        answers = answers[(end + length)..];
        return body;
    }

    /// <summary>Publishes a release whose manifest has more than a quarter of a megabyte.</summary>
    private async Task<(string Path, byte[] Stored)> PublishAsync(params string[] settings)
    {
        using var publisher = await _server.StartAsync(settings);
        var tree = Tree.Of([.. Enumerable.Range(0, 5000).Select(i => ($"files/number-{i:D5}", i, 10 + (i % 7)))]);
        var committed = await publisher.PublishAsync("1.0.0", tree);
        var manifest = committed.ManifestDigest.ToDigest().ToString();
        var stored = await File.ReadAllBytesAsync(
            Path.Combine(_server.Process.Data, "objects", "manifests", manifest[..2], manifest));
        Assert.True(stored.Length > 256 * 1024, $"{stored.Length} bytes are too few for this test");
        return ($"v1/manifests/{manifest}", stored);
    }

    private async Task<byte[]> GetAsync(Uri port, string path, RangeHeaderValue? range)
    {
        using var answer = await SendAsync(port, path, range, _server.Process.AdminToken);
        Assert.Equal(range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(Uri port, string path, RangeHeaderValue? range, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(port, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Range = range;
        return await _http.SendAsync(request);
    }
}
