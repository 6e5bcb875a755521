using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Publishes that end half-way: what was stored is not sent again.</summary>
public sealed class BrokenPublishTests(AdminBench bench) : IClassFixture<AdminBench>
{
    private const int FileBytes = 3_000_000;
    private const int Files = 10;

    // More than a pack, less than all.
    private const long HalfWay = 22_000_000;

    [Fact]
    public async Task After_a_lost_server_the_next_publish_sends_the_rest()
    {
        var product = await LargeAsync();
        await using var relay = new HoldingRelay(bench.Server.Grpc.Port, HalfWay);
        using var publish = Start(product, relay);

        await HalfWayAsync(relay);
        await bench.Server.KillAsync();
        var ended = await ProgramRun.FinishAsync(publish);
        await bench.RestartAsync();
        var report = await bench.AnswerAsync(product.Publish("1.0.0"));

        Assert.Equal(8, ended.ExitCode);
        Assert.StartsWith("{\"error\":{\"code\":\"SERVER_UNAVAILABLE\"", ended.Out, StringComparison.Ordinal);
        AssertWasResumed(report);
    }

    [Fact]
    public async Task After_an_interrupt_the_next_publish_sends_the_rest()
    {
        var product = await LargeAsync();
        await using var relay = new HoldingRelay(bench.Server.Grpc.Port, HalfWay);
        using var publish = Start(product, relay);

        await HalfWayAsync(relay);
        await publish.SignalAsync("TERM");
        var ended = await ProgramRun.FinishAsync(publish);
        var report = await bench.AnswerAsync(product.Publish("1.0.0"));

        Assert.Equal(130, ended.ExitCode);
        Assert.StartsWith("{\"error\":{\"code\":\"INTERRUPTED\"", ended.Out, StringComparison.Ordinal);
        AssertWasResumed(report);
    }

    [Fact]
    public async Task A_server_that_is_restarted_is_sent_the_rest_by_the_same_publish()
    {
        var product = await LargeAsync();
        await using var relay = new HoldingRelay(bench.Server.Grpc.Port, HalfWay);
        using var publish = Start(product, relay);

        await HalfWayAsync(relay);
        await bench.RestartAsync();
        relay.Release(bench.Server.Grpc.Port);
        var ended = await ProgramRun.FinishAsync(publish);

        Assert.True(ended.ExitCode == 0, ended.Out);
        using var report = JsonDocument.Parse(ended.Out);
        Assert.InRange(report.RootElement.GetProperty("wire_bytes_up").GetInt64(),
            (long)Files * FileBytes, (Files * FileBytes) + HalfWay - FileBytes);
    }

    private static void AssertWasResumed(JsonElement report)
    {
        Assert.Equal((long)Files * FileBytes, report.GetProperty("logical_bytes").GetInt64());
        Assert.InRange(report.GetProperty("wire_bytes_up").GetInt64(), 1, (Files - 4) * (long)FileBytes);
    }

    private OwnedProcess Start(BenchProduct product, HoldingRelay relay) => AdminProcess.Start(
        new Dictionary<string,
        string>
        { ["OTA_SERVER"] = relay.Address.ToString(), ["OTA_TOKEN"] = bench.Server.AdminToken },
        [.. product.Publish("1.0.0"), "--level", "1", "--json"]);

    private async Task<BenchProduct> LargeAsync()
    {
        var product = await bench.CreateProductAsync();
        for (var i = 0; i < Files; i++)
            product.Write($"file{i:00}", FileBytes, seed: i);
        return product;
    }

    /// <summary>Waits until the publish can go no further and the server knows some of its chunks.</summary>
    private async Task HalfWayAsync(HoldingRelay relay)
    {
        var before = await CountAsync();
        await Eventually.Async("half of the publish", relay.Held, () => "");
        await Eventually.Async("a pack of the publish", CountAsync, count => count != before);

        async Task<long> CountAsync() =>
            (await bench.AnswerAsync("stats")).GetProperty("store").GetProperty("chunks").GetInt64();
    }
}
