using System.Net;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Telemetry;

/// <summary>What a real server shows to Prometheus.</summary>
public sealed class MetricsPortTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly Tree First = Tree.Of(("app", 901, 400_000), ("lib", 902, 300_000));
    private static readonly Tree Second = Tree.Of(("app", 901, 400_000), ("lib", 903, 300_000));

    [Fact]
    public async Task Only_the_metrics_port_serves_metrics_and_it_serves_nothing_else()
    {
        using var http = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });
        var server = fixture.Server;
        var page = await http.GetAsync(new Uri(server.Metrics!, "metrics"));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        foreach (var path in (string[])["livez", "version", "v1/manifests/x", ""])
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(server.Metrics!, path))).StatusCode);
        foreach (var port in (Uri[])[server.Http, server.Tls])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(port, "metrics"));
            request.Headers.Host = server.Metrics!.Authority;
            Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task Publishes_checks_downloads_and_updates_are_counted()
    {
        await using var own = new OwnServer();
        using var publisher = await own.StartAsync("Deltas:Workers=0");
        var one = await publisher.PublishAsync("1.0.0", First);
        var two = await publisher.PublishAsync("1.0.1", Second);
        using var device = await own.EnrolAsync(publisher);

        await device.CheckAsync(CheckOf(publisher, ByteString.Empty));
        await device.CheckAsync(CheckOf(publisher, one.ManifestDigest));
        var (header, transfer) = await device.CheckAsync(CheckOf(publisher, ByteString.Empty));
        var (_, frames) = await device.FetchAsync(two.ManifestDigest, Second, WholeOf(Second));
        await ReportAsync(device, publisher, one.ManifestDigest, "1.0.0", received: 1_000_000);
        await ReportAsync(device, publisher, two.ManifestDigest, "1.0.1", received: 1_000);
        await ReportAsync(device, publisher, two.ManifestDigest, "1.0.1", received: 1_000);

        var page = await MetricsPage.ReadAsync(own.Process.Metrics!);
        Assert.Equal(2, page.Sum("chunkota_publishes_total", "chunkota_outcome", "published"));
        Assert.Equal(400_000, page.Sum("chunkota_publish_content_bytes_total", "chunkota_origin", "reused"));
        Assert.Equal(1_000_000, page.Sum("chunkota_publish_content_bytes_total", "chunkota_origin", "new"));
        Assert.Equal(2, page.Sum("chunkota_update_checks_total", "chunkota_answer", "install"));
        Assert.Equal(1, page.Sum("chunkota_update_checks_total", "chunkota_answer", "chunks"));
        Assert.Equal(frames.Sum(), page.Sum("chunkota_transfer_sent_bytes_total", "chunkota_content", "chunks"));
        Assert.InRange(
            page.Sum("chunkota_transfer_sent_bytes_total", "chunkota_content", "manifest")!.Value,
            2 * transfer.Length, double.MaxValue);
        Assert.Equal(1, page.Sum("chunkota_updates_total", "chunkota_update_kind", "install"));
        Assert.Equal(1, page.Sum("chunkota_updates_total", "chunkota_update_kind", "upgrade"));
        Assert.Equal(1_001_000, page.Sum("chunkota_update_received_bytes_total"));
        // The noise of the trees cannot be compressed: the upgrade saves almost all of its 700,000 bytes.
        Assert.InRange(page.Sum("chunkota_update_saved_bytes_total")!.Value, 690_000, 710_000);
        Assert.Equal(3, page.Sum("chunkota_device_reports_total", "chunkota_device_state", "succeeded"));
        Assert.Equal(0, page.Sum("chunkota_call_failures_total"));
        Assert.Equal(
            3, page.Sum("rpc_server_call_duration_seconds_count", "rpc_method", "chunkota.v1.Devices/Report"));
        Assert.Equal(
            2, page.Sum("rpc_server_call_duration_seconds_count", "rpc_method", "chunkota.v1.Publishing/Commit"));
        Assert.NotNull(
            page.Sum("http_server_request_duration_seconds_count", "http_route", "/chunkota.v1.Devices/Enrol"));
        Assert.NotNull(header);
    }

    [Fact]
    public async Task The_store_its_queue_and_what_expires_are_shown()
    {
        using var publisher = await fixture.CreateProductAsync();
        await publisher.PublishAsync("1.0.0", First);

        // The chunks are in the store before the pointer: a sample can be taken in between.
        var page = await Eventually.Async(
            "a sample of the store with the publish",
            () => MetricsPage.ReadAsync(fixture.Server.Metrics!),
            page => page.Sum("chunkota_store_content_bytes") >= 700_000
                && page.Sum("chunkota_expiry_remaining_days", "chunkota_document", "pointer") is not null);

        Assert.Equal(1, page.Sum("chunkota_store_ready", "chunkota_store_part", "catalogue"));
        Assert.Equal(1, page.Sum("chunkota_store_ready", "chunkota_store_part", "objects"));
        Assert.InRange(page.Sum("chunkota_store_size_bytes")!.Value, 690_000, double.MaxValue);
        Assert.InRange(page.Sum("chunkota_store_free_bytes")!.Value, 1, double.MaxValue);
        Assert.InRange(
            page.Sum("chunkota_expiry_remaining_days", "chunkota_document", "pointer")!.Value, 6.9, 7);
        Assert.InRange(
            page.Sum("chunkota_expiry_remaining_days", "chunkota_document", "certificate")!.Value, 3640, 3660);
        Assert.NotNull(page.Sum("chunkota_expiry_remaining_days", "chunkota_document", "root"));
        Assert.NotNull(page.Sum("chunkota_delta_queue_length", "chunkota_job_state", "queued"));
        Assert.NotNull(page.Sum("chunkota_delta_queue_age_seconds"));
        Assert.NotNull(page.Sum("chunkota_publish_leases"));
    }

    [Fact]
    public async Task Refused_calls_are_counted_by_code_and_nobody_is_named()
    {
        using var publisher = await fixture.CreateProductAsync();
        await publisher.PublishAsync("1.0.0", First);
        using var device = await fixture.EnrolAsync(publisher);
        await ReportAsync(device, publisher, ByteString.Empty, "9.8.7-named", received: 1);
        using var http = new HttpClient();
        await http.GetAsync(new Uri(fixture.Server.Http, "v1/manifests/secret"));
        await http.GetAsync(new Uri(fixture.Server.Http, "no/such/path-named"));

        var page = await MetricsPage.ReadAsync(fixture.Server.Metrics!);

        Assert.InRange(page.Sum("chunkota_call_refusals_total", "error_type", "TOKEN_INVALID")!.Value, 1, 100);
        Assert.Equal(0, page.Sum("chunkota_call_refusals_total", "error_type", "RATE_LIMITED"));
        string[] names =
        [
            publisher.Product, device.Id, $"\"{TestPublisher.Channel}\"", "9.8.7", "secret", "named",
            fixture.Server.Data,
        ];
        foreach (var name in names) Assert.DoesNotContain(name, page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_can_be_off()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder["data"], "Listen:Metrics=off");

        Assert.Null(server.Metrics);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(server.Http, "readyz"))).StatusCode);
    }

    private static CheckForUpdateRequest CheckOf(TestPublisher publisher, ByteString held) => new()
    {
        Product = publisher.Product,
        Platform = TestPublisher.Platform,
        HeldManifestDigest = held,
    };

    private static ChunkRun[] WholeOf(Tree tree) =>
        [.. tree.Files.Index().Select(file => TestDevice.Run((uint)file.Index, 0, (uint)file.Item.Chunks.Count))];

    private static async Task ReportAsync(
        TestDevice device, TestPublisher publisher, ByteString running, string version, ulong received) =>
        await device.Devices.ReportAsync(new ReportRequest
        {
            Product = publisher.Product,
            Platform = TestPublisher.Platform,
            Channel = TestPublisher.Channel,
            State = DeviceState.Succeeded,
            RunningManifestDigest = running,
            RunningVersion = version,
            WireBytesDown = received,
        });
}
