using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Releases that are more often a mistake than meant: refused before a byte is hashed, unless asked
/// for.</summary>
public sealed class GuardTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task An_empty_tree_is_refused_unless_it_is_meant()
    {
        var product = await bench.CreateProductAsync();

        await RefusedAsync(product, "RELEASE_EMPTY", product.Publish("1.0.0"));

        var report = await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--allow-empty"));
        Assert.Equal(0, report.GetProperty("files").GetInt32());
    }

    [Fact]
    public async Task A_tree_that_lost_more_than_half_is_refused_unless_it_is_meant()
    {
        var product = await bench.CreateProductAsync();
        product.Write("a", 50_000);
        product.Write("b", 60_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        File.Delete(Path.Combine(product.Tree, "b"));

        await RefusedAsync(product, "RELEASE_SHRUNK", product.Publish("1.0.1"));

        await bench.AnswerAsync(product.Publish("1.0.1", "stable", "--allow-shrink"));
    }

    [Fact]
    public async Task A_mistyped_channel_is_refused_and_says_what_was_meant()
    {
        var product = await bench.PublishProductAsync(1_000);

        var run = await RefusedAsync(product, "CHANNEL_UNKNOWN", product.Publish("1.0.1", "stabel"));

        Assert.Contains("did you mean stable?", run.Error, StringComparison.Ordinal);
        await bench.AnswerAsync(product.Publish("1.0.1", "beta", "--create-channel"));
        await bench.AnswerAsync(product.Publish("1.0.2", "beta"));
    }

    [Fact]
    public async Task A_mistyped_platform_is_refused_and_says_what_was_meant()
    {
        var product = await bench.PublishProductAsync(1_000);
        var command = product.Publish("1.0.1");
        command[Array.IndexOf(command, "linux-x64")] = "linux-x46";

        var run = await RefusedAsync(product, "PLATFORM_UNKNOWN", command);

        Assert.Contains("did you mean linux-x64?", run.Error, StringComparison.Ordinal);
        await bench.AnswerAsync([.. command, "--new-platform"]);
    }

    [Fact]
    public async Task Keys_and_version_are_checked_before_anything_is_hashed()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync(product.Publish("1.1.0"));
        await bench.AnswerAsync("keys", "init", "--out", bench.PathOf("foreign.keys"));
        var foreign = product.Publish("1.2.0");
        foreign[^1] = bench.PathOf("foreign.keys");

        await RefusedAsync(product, "ROOT_CHAIN", foreign);
        await RefusedAsync(product, "VERSION_NOT_GREATER", product.Publish("1.0.0"));
    }

    [Fact]
    public async Task A_floor_that_no_device_could_keep_is_refused_before_anything_is_hashed()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);

        await RefusedAsync(product, "USAGE", product.Publish("1.0.0", "stable", "--floor", "9"));
    }

    [Fact]
    public async Task A_file_that_gets_another_name_while_it_is_published_has_not_changed()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 30_000_000);
        var names = bench.PathOf("names");
        Directory.CreateDirectory(names);
        using var ending = new CancellationTokenSource();
        var linking = Task.Run(
            async () =>
            {
                using var source = DirectoryTree.Open(product.Tree);
                using var others = DirectoryTree.Open(names);
                for (var i = 0; !ending.IsCancellationRequested; i++)
                {
                    Assert.True(others.TryLink($"{i}", source, "file"));
                    await Task.Yield();
                    Assert.True(others.Unlink($"{i}"));
                }
            });

        var report = await bench.AnswerAsync(product.Publish("1.0.0"));
        await ending.CancelAsync();
        await linking;

        Assert.Equal(30_000_000, report.GetProperty("new_plain_bytes").GetInt64());
    }

    /// <summary>Runs a publish that must be refused before it hashes, and change nothing.</summary>
    private async Task<ProgramRun> RefusedAsync(BenchProduct product, string code, string[] command)
    {
        var before = await bench.AnswerAsync("releases", product.Name);
        var channels = await bench.AnswerAsync("channels", product.Name);
        var run = await bench.RunAsync(command);
        Assert.StartsWith($"scanning: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hashing", run.Error, StringComparison.Ordinal);
        Assert.Contains($"error {code}: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(before.GetRawText(), (await bench.AnswerAsync("releases", product.Name)).GetRawText());
        Assert.Equal(channels.GetRawText(), (await bench.AnswerAsync("channels", product.Name)).GetRawText());
        return run;
    }
}
