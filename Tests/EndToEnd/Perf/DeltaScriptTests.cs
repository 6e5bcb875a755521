using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Perf;

/// <summary>perf/delta.sh, by which the figures of the delta codec are taken.</summary>
public sealed class DeltaScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("best")]
    [InlineData("quick")]
    public async Task It_measures_the_delta_of_two_trees(string quality)
    {
        var (old, fresh) = (SampleTree.Write(_folder["old"], 0), SampleTree.Write(_folder["new"], 1));
        File.Move(Path.Combine(fresh, "lib/large0.bin"), Path.Combine(fresh, "lib/moved.bin"));

        var figures = (await RunAsync(old, fresh, "--quality", quality, "--repeat", "2")).Succeeded().Json;

        Assert.Equal(quality, figures.GetProperty("quality").GetString());
        Assert.Equal(4, figures.GetProperty("files").GetInt32()); // three large ones, of which one moved, and VERSION
        Assert.Equal(0, figures.GetProperty("files_without_base").GetInt32());
        Assert.Equal(4_500_001, figures.GetProperty("changed_bytes").GetInt64());
        Assert.InRange(
            figures.GetProperty("object_bytes").GetInt64(), 3_000, 3 * 3_000 + 1_000); // noise, thrice the same
        Assert.All(["encode", "decode_and_hash"], half =>
        {
            Assert.True(figures.GetProperty(half).GetProperty("cpu_seconds_per_100_mb").GetDouble() > 0);
            Assert.True(figures.GetProperty(half).GetProperty("peak_rss_bytes").GetInt64() > 10_000_000);
        });
    }

    [Fact]
    public async Task Two_files_are_a_pair_whatever_their_names()
    {
        var bytes = SampleTree.Noise(seed: 1, length: 300_000);
        await File.WriteAllBytesAsync(_folder["first"], bytes);
        bytes.AsSpan(1000, 100).Clear();
        await File.WriteAllBytesAsync(_folder["second"], bytes);

        var figures = (await RunAsync(_folder["first"], _folder["second"])).Succeeded().Json;

        Assert.Equal(0, figures.GetProperty("files_without_base").GetInt32());
        Assert.InRange(figures.GetProperty("object_bytes").GetInt64(), 1, 1_000);
    }

    [Fact]
    public async Task What_does_not_change_cannot_be_measured()
    {
        var tree = SampleTree.Write(_folder["tree"], 0);

        var run = await RunAsync(tree, tree);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Contains("nothing", run.Error, StringComparison.Ordinal);
    }

    private static Task<ProgramRun> RunAsync(params string[] arguments) => ProgramRun.RunAsync(
        new Dictionary<string, string?> { ["OTA_PROGRAMS"] = "built" }, Repository.PathOf("perf/delta.sh"), arguments);
}
