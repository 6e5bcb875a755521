using System.Text.Json;

namespace ChunkOta.Tests.Admin.AgainstServer;

public sealed class ForecastTests(AdminBench bench) : IClassFixture<AdminBench>
{
    private const int FileBytes = 2_000_000;

    [Fact]
    public async Task A_release_over_a_limit_is_not_published_and_the_next_honest_one_is()
    {
        var product = await PublishedAsync();
        product.Write("bin/app", FileBytes, seed: 2);

        var code = await bench.RefusalAsync(11, product.Publish("1.1.0", "stable", "--fail-if", "p95>1MB"));

        Assert.Equal("FORECAST_EXCEEDED", code);
        var only = Assert.Single(Lines(await bench.AnswerAsync("releases", product.Name), "releases"));
        Assert.Equal("1.0.0", only.GetProperty("version").GetString());
        Assert.Equal("1.0.0", Lines(await bench.AnswerAsync("channels", product.Name), "channels")
            .Single().GetProperty("version").GetString());
        var published = await bench.AnswerAsync(product.Publish("1.1.0", "stable", "--fail-if", "p95>3MB"));
        Assert.False(published.GetProperty("already_published").GetBoolean());
    }

    [Fact]
    public async Task A_limit_counts_in_a_dry_run_which_publishes_nothing()
    {
        var product = await PublishedAsync();
        product.Write("bin/app", FileBytes, seed: 4);

        var code = await bench.RefusalAsync(
            11, product.Publish("1.1.0", "stable", "--dry-run", "--fail-if", "p95>1MB"));
        var planned = await bench.AnswerAsync(
            product.Publish("1.1.0", "stable", "--dry-run", "--fail-if", "p95>3MB"));

        Assert.Equal("FORECAST_EXCEEDED", code);
        Assert.True(planned.GetProperty("dry_run").GetBoolean());
        Assert.InRange(planned.GetProperty("forecast").GetProperty("p95_bytes").GetInt64(), 1_000_001, 3_000_000);
        Assert.Single(Lines(await bench.AnswerAsync("releases", product.Name), "releases"));
        Assert.Equal("1.0.0", Lines(await bench.AnswerAsync("channels", product.Name), "channels")
            .Single().GetProperty("version").GetString());
    }

    [Fact]
    public async Task A_small_change_is_weighed_by_the_delta_that_it_will_be()
    {
        var product = await PublishedAsync();
        var content = product.Write("bin/app", FileBytes);
        content[FileBytes / 2] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(product.Tree, "bin/app"), content);

        var published = await bench.AnswerAsync(product.Publish(
            "1.1.0", "stable", "--fail-if", "p95>10kB", "--fail-if", "egress>3MB", "--from", "1.0.0=90", "--from",
            "none=1",
            "--fail-if", "p50>10kB", "--fail-if", "disk>3MB"));
        var forecast = published.GetProperty("forecast");

        Assert.Equal(91, forecast.GetProperty("devices").GetInt32());
        Assert.False(forecast.GetProperty("assumed").GetBoolean());
        var lines = Lines(forecast, "from");
        Assert.Equal(["1.0.0", null], lines.Select(
            line => line.TryGetProperty("version", out var version) ? version.GetString() : null));
        Assert.InRange(lines[0].GetProperty("bytes").GetInt64(), 100, 10_000);
        Assert.InRange(lines[0].GetProperty("chunk_bytes").GetInt64(), 16_000, FileBytes);
        Assert.Equal("quick", lines[0].GetProperty("delta_quality").GetString());
        Assert.InRange(lines[1].GetProperty("bytes").GetInt64(), FileBytes, FileBytes + 100_000);
    }

    [Fact]
    public async Task Without_devices_the_last_release_is_weighed_and_that_is_said()
    {
        var product = await PublishedAsync();
        product.Write("bin/more", 300_000, seed: 3);
        await bench.AnswerAsync(product.Publish("1.1.0"));

        var forecast = await bench.AnswerAsync("forecast", product.Name, "1.1.0");
        var text = await bench.RunAsync("forecast", product.Name, "1.1.0", "--from", "1.0.0=4");

        Assert.True(forecast.GetProperty("assumed").GetBoolean());
        Assert.Equal("1.0.0", Lines(forecast, "from").Single().GetProperty("version").GetString());
        Assert.InRange(forecast.GetProperty("egress_bytes").GetInt64(), 300_000, 310_000);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("4 devices: p50 300.", text.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, "VERSION_UNKNOWN", "--from", "9.9.9=1")]
    [InlineData(2, "USAGE", "--from", "1.0.0=0")]
    [InlineData(2, "USAGE", "--from", "1.0.0")]
    [InlineData(2, "USAGE", "--from", "1.0.0=1", "--from", "1.0.0=2")]
    public async Task A_fleet_that_makes_no_sense_is_refused(int exitCode, string code, params string[] options)
    {
        var product = await PublishedAsync();

        Assert.Equal(code, await bench.RefusalAsync(exitCode, ["forecast", product.Name, "1.0.0", .. options]));
    }

    private async Task<BenchProduct> PublishedAsync()
    {
        var product = await bench.CreateProductAsync();
        product.Write("bin/app", FileBytes);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        return product;
    }

    private static IReadOnlyList<JsonElement> Lines(JsonElement answer, string name) =>
        [.. answer.GetProperty(name).EnumerateArray()];
}
