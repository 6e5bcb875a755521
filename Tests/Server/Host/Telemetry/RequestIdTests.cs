using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace ChunkOta.Tests.Server.Telemetry;

/// <summary>A caller sees the id of its request in an error, and the operator finds it in the log.</summary>
public sealed partial class RequestIdTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestKeys _keys = new();
    private ServerProcess _server = null!;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_failure_of_the_server_names_its_request_in_the_message()
    {
        _server = await ServerProcess.StartFaultyAsync(
            _folder["data"], "op=Write;path=objects/tmp;mode=enospc;sticky");
        using var publisher = new TestPublisher(_server.Connect(_server.AdminToken), _keys, "tool");
        await publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = publisher.Product, Root = _keys.Root });

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => publisher.PublishAsync("1.0.0", Tree.Of(("app", 911, 500_000))));

        Assert.Equal(ErrorCodes.StoreFull, failure.Code);
        var id = Id().Match(failure.Message).Groups["id"].Value;
        var line = await _server.WaitForLogAsync($"(request {id})");
        Assert.Contains("error 4003 ", line, StringComparison.Ordinal);
        var page = await MetricsPage.ReadAsync(_server.Metrics!);
        Assert.InRange(page.Sum("chunkota_call_failures_total", "error_type", "STORE_FULL")!.Value, 1, 10);
        Assert.InRange(page.Sum("chunkota_store_errors_total", "error_type", "STORE_FULL")!.Value, 1, 10);
    }

    [Fact]
    public async Task A_refused_HTTP_request_has_its_id_in_a_header_and_none_of_the_callers_choice()
    {
        const string Chosen = "00000000000000000000000000000bad";
        _server = await ServerProcess.StartAsync(_folder["data"]);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Http, "v1/manifests/x"));
        request.Headers.Add("traceparent", $"00-{Chosen}-00000000000000ad-01");

        var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var id = Assert.Single(answer.Headers.GetValues("ota-request"));
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.NotEqual(Chosen, id);
        Assert.Contains(
            "refused: TOKEN_INVALID", await _server.WaitForLogAsync($"(request {id})"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_gRPC_call_has_its_id_in_a_trailer(bool isReadable)
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        using var channel = GrpcChannel.ForAddress(_server.Grpc);
        var method = new Method<byte[], byte[]>(
            MethodType.Unary, "chunkota.v1.Administration", "RevokeToken",
            Marshallers.Create(bytes => bytes, bytes => bytes), Marshallers.Create(bytes => bytes, bytes => bytes));

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker()
            .AsyncUnaryCall(method, null, default, isReadable ? [] : [0x0a, 0xff, 0xff]));

        var code = isReadable ? ErrorCodes.TokenInvalid : ErrorCodes.CallInvalid;
        Assert.Equal(code, refusal.Trailers.GetValue(RpcErrors.CodeTrailer));
        var id = refusal.Trailers.GetValue("ota-request");
        Assert.Contains(code, await _server.WaitForLogAsync($"(request {id})"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_JSON_log_has_the_id_as_a_field()
    {
        _server = await ServerProcess.StartAsync(_folder["data"], "Log:Format=json");
        using var http = new HttpClient();

        var answer = await http.GetAsync(new Uri(_server.Http, "v1/manifests/x"));

        var id = Assert.Single(answer.Headers.GetValues("ota-request"));
        using var line = JsonDocument.Parse(await _server.WaitForLogAsync(id));
        var scope = Assert.Single(line.RootElement.GetProperty("Scopes").EnumerateArray());
        Assert.Equal(id, scope.GetProperty("request").GetString());
    }

    [GeneratedRegex(@"\(request (?<id>[0-9a-f]{32})\)")]
    private static partial Regex Id();
}
