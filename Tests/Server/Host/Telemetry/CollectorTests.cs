using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ChunkOta.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ChunkOta.Tests.Server.Telemetry;

/// <summary>What a server sends to a collector: here a real endpoint that keeps what comes.</summary>
public sealed class CollectorTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = [];
    private WebApplication? _collector;

    public async ValueTask DisposeAsync()
    {
        if (_collector is not null) await _collector.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("http", "/v1/traces", "/v1/metrics")]
    [InlineData(
        "grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task Spans_and_metrics_arrive_by_both_protocols(string protocol, string traces, string metrics)
    {
        var url = await StartCollectorAsync(protocol);
        await using var server = await ServerProcess.StartAsync(
            _folder["data"], $"Telemetry:Otlp={url}", $"Telemetry:Protocol={protocol}", "Telemetry:TracePercent=100");
        using var http = new HttpClient();

        var refused = await http.GetAsync(new Uri(server.Http, "v1/manifests/x"));
        await server.StopAsync();

        var id = Convert.FromHexString(Assert.Single(refused.Headers.GetValues("ota-request")));
        var spans = BodyOf(traces);
        Assert.True(spans.AsSpan().IndexOf(id) >= 0, "the trace of the request is not among the spans");
        AssertHas(spans, "chunkota.error.code", "TOKEN_INVALID", "/v1/manifests/{manifest}", "ota-server");
        AssertHas(BodyOf(metrics), "chunkota.call.refusals", "http.server.request.duration", "dotnet.gc.collections");
    }

    [Fact]
    public async Task A_collector_that_is_away_stops_nothing()
    {
        await using var server = await ServerProcess.StartAsync(
            _folder["data"], "Telemetry:Otlp=http://127.0.0.1:1", "Telemetry:TracePercent=100");
        using var http = new HttpClient();

        var answer = await http.GetAsync(new Uri(server.Http, "readyz"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, await server.StopAsync());
    }

    private byte[] BodyOf(string path) => [.. _received.Where(one => one.Path == path).SelectMany(one => one.Body)];

    private static void AssertHas(byte[] body, params string[] texts)
    {
        foreach (var text in texts)
            Assert.True(body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0, $"{text} was not sent");
    }

    private async Task<string> StartCollectorAsync(string protocol)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, options =>
            options.Protocols = protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _collector = builder.Build();
        _collector.Run(KeepAsync);
        await _collector.StartAsync();
        return _collector.Urls.Single();
    }

    private async Task KeepAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path, body.ToArray()));
        if (context.Request.Protocol != "HTTP/2") return;
        context.Response.ContentType = "application/grpc";
        context.Response.AppendTrailer("grpc-status", "0");
        // An empty message.
        await context.Response.Body.WriteAsync(new byte[5]);
    }
}
