using System.Diagnostics;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Publishes that end half-way: what was stored is not sent again.</summary>
public sealed class BrokenPublishTests(AdminBench bench) : IClassFixture<AdminBench>
{
    private const int FileBytes = 3_000_000;
    private const int Files = 13;

    [Fact]
    public async Task After_a_lost_server_the_next_publish_sends_the_rest()
    {
        var product = await LargeAsync();
        using var publish = Start(product);

        await FirstPackAsync(publish);
        await bench.Server.KillAsync();
        var answer = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        await bench.RestartAsync();
        var report = await bench.AnswerAsync(product.Publish("1.0.0"));

        Assert.Equal(8, publish.ExitCode);
        Assert.StartsWith("{\"error\":{\"code\":\"SERVER_UNAVAILABLE\"", answer, StringComparison.Ordinal);
        AssertWasResumed(report);
    }

    [Fact]
    public async Task After_an_interrupt_the_next_publish_sends_the_rest()
    {
        var product = await LargeAsync();
        using var publish = Start(product);

        await FirstPackAsync(publish);
        using (var kill = Process.Start("kill", ["-INT", $"{publish.Id}"]))
            await kill.WaitForExitAsync();
        var answer = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        var report = await bench.AnswerAsync(product.Publish("1.0.0"));

        Assert.Equal(130, publish.ExitCode);
        Assert.StartsWith("{\"error\":{\"code\":\"INTERRUPTED\"", answer, StringComparison.Ordinal);
        AssertWasResumed(report);
    }

    [Fact]
    public async Task A_server_that_comes_back_in_time_is_sent_the_rest_by_the_same_publish()
    {
        var product = await LargeAsync();
        using var publish = Start(product, bench.Server.Grpc);
        var output = publish.StandardOutput.ReadToEndAsync();

        await FirstPackAsync(publish);
        var port = bench.Server.Grpc.Port;
        await bench.Server.KillAsync();
        await bench.RestartAsync($"Listen:Grpc=127.0.0.1:{port}");
        await publish.WaitForExitAsync();

        Assert.True(publish.ExitCode == 0, await output + await publish.StandardError.ReadToEndAsync());
        Assert.Contains("\"already_published\":false", await output, StringComparison.Ordinal);
    }

    private static void AssertWasResumed(System.Text.Json.JsonElement report)
    {
        var total = (long)Files * FileBytes;
        Assert.Equal(total, report.GetProperty("logical_bytes").GetInt64());
        Assert.InRange(report.GetProperty("wire_bytes_up").GetInt64(), 1, total - FileBytes);
    }

    private Process Start(BenchProduct product) => Start(product, bench.Server.Grpc);

    private Process Start(BenchProduct product, Uri server) => AdminProcess.Start(
        new Dictionary<string, string> { ["OTA_SERVER"] = server.ToString(), ["OTA_TOKEN"] = bench.Server.AdminToken },
        [.. product.Publish("1.0.0"), "--level", "12", "--json"]);

    private async Task<BenchProduct> LargeAsync()
    {
        var product = await bench.CreateProductAsync();
        for (var i = 0; i < Files; i++)
            product.Write($"file{i:00}", FileBytes, seed: i);
        return product;
    }

    /// <summary>Waits until some of the chunks are stored, and says if the publish ended before.</summary>
    private async Task FirstPackAsync(Process publish)
    {
        var packs = Path.Combine(bench.Server.Data, "objects", "packs");
        var before = Count();
        while (Count() == before)
        {
            Assert.False(publish.HasExited, "the publish was too fast to break");
            await Task.Delay(5);
        }

        int Count() => Directory.Exists(packs) ? Directory.GetFiles(packs, "*", SearchOption.AllDirectories).Length : 0;
    }
}
