using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Padded images: long runs of one byte, or of one pattern, that follow other content than before.</summary>
public sealed class LongRunTests
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;

    /// <summary>Bytes that the search may examine again in any case: see StepCutter.</summary>
    private const long FreeBytes = 16 * MiB;

    [Theory]
    [InlineData(128 * KiB, 1)]
    [InlineData(512 * KiB, 1)]
    [InlineData(2 * MiB, 1)]
    [InlineData(8 * MiB, 1)]
    [InlineData(2 * MiB, 4)]
    [InlineData(2 * MiB, 40)]
    public void The_search_of_a_long_run_takes_steps_in_proportion_to_its_length(int runBytes, int period)
    {
        var (old, made) = Images(runBytes, period);
        using var index = new BaseIndex(windowBytes: 8, minStride: 1);
        index.Build(old);
        var finder = new StepFinder(index, maxCandidates: 32, searchStride: 1, patienceBits: 12);
        var steps = new List<CopyStep>();

        finder.Find(old, made, steps, CancellationToken.None);

        Assert.InRange(finder.ReexaminedBytes, 0, FreeBytes + (20L * made.Length));
        Assert.InRange(steps.Count, 3, 40);
    }

    [Theory]
    [InlineData(128 * KiB, 1, DeltaQuality.Best)]
    [InlineData(2 * MiB, 1, DeltaQuality.Best)]
    [InlineData(8 * MiB, 1, DeltaQuality.Best)]
    [InlineData(2 * MiB, 1, DeltaQuality.Quick)]
    [InlineData(2 * MiB, 40, DeltaQuality.Best)]
    public void A_delta_across_a_long_run_is_small_and_right(int runBytes, int period, DeltaQuality quality)
    {
        var (old, made) = Images(runBytes, period);
        var pair = new DeltaPair(quality).With(made, old);

        var delta = pair.Encode();

        Assert.InRange(delta.Length, 100, 1000);
        Assert.Equal(made, Assert.Single(pair.Decode(delta)));
    }

    /// <summary>C, A, the run and B, of which A and C change places.</summary>
    private static (byte[] Old, byte[] Made) Images(int runBytes, int period)
    {
        var random = new Random(runBytes + period);
        var (a, b, c) = (
            SampleFiles.Random(random, MiB), SampleFiles.Random(random, MiB), SampleFiles.Random(random, 100_000));
        var pattern = period == 1 ? [0] : SampleFiles.Random(random, period);
        var run = new byte[runBytes];
        for (var index = 0; index < runBytes; index++) run[index] = pattern[index % period];
        return ([.. c, .. a, .. run, .. b], [.. a, .. c, .. run, .. b]);
    }
}
