using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class FastCdcKernelTests
{
    [Fact]
    [Trait("Category", "Random")]
    public void Both_kernels_cut_as_the_paper_does_on_random_parameters_and_lengths()
    {
        var random = Rounds.Random(41);
        for (var round = 0; round < Rounds.Of(300); round++)
            AssertCuts(TestBytes.Random(random, random.Next(600_000)), Parameters(random));
    }

    [Fact]
    [Trait("Category", "Random")]
    public void Both_kernels_cut_as_the_paper_does_around_whole_blocks()
    {
        var random = Rounds.Random(42);
        for (var round = 0; round < Rounds.Of(300); round++)
        {
            var parameters = Parameters(random);
            var blocks = random.Next(4) * FastCdc.Avx512Kernel.BlockBytes;
            var data = TestBytes.Random(random, Math.Max(0, parameters.Min + blocks + random.Next(-40, 40)));

            AssertCuts(data, parameters);
        }
    }

    [Fact]
    [Trait("Category", "Random")]
    public void Both_kernels_cut_as_the_paper_does_where_a_cut_could_be_anywhere()
    {
        // Loose masks: a cut at about every 64th byte, and far more bytes that meet the low half of the mask alone.
        var random = Rounds.Random(43);
        var parameters = new CutParameters(64, 64 * 1024, 256 * 1024);
        for (var round = 0; round < Rounds.Of(300); round++)
        {
            var data = TestBytes.Random(random, 20_000);
            var masks = new CutMasks(CutMasks.For(256 << random.Next(5)).Loose, 0x0000_d903_0353_7000);

            AssertCuts(data, parameters with { Seed = (ulong)random.NextInt64() }, masks);
        }
    }

    /// <summary>
    /// Averages that make ranges long enough for blocks, and turns from one mask to the other within one.
    /// </summary>
    private static CutParameters Parameters(Random random)
    {
        var average = 8192 << random.Next(5);
        var min = random.Next(CutParameters.MinLimit, average + 1) & ~1;
        var max = Math.Min(average + random.Next(4 * average), CutParameters.MaxLimit);
        return new CutParameters(min, average, max, random.Next(2) == 0 ? 0 : (ulong)random.NextInt64());
    }

    /// <summary>
    /// The paper's cuts are made here, by a loop of the tests' own: where the processor has no wide kernel, the plain
    /// one still has something to differ from.
    /// </summary>
    private static void AssertCuts(byte[] data, CutParameters parameters, CutMasks? masks = null)
    {
        var either = masks ?? CutMasks.For(parameters.Average);
        var paper = PaperFastCdc.Cut(data, parameters, either).Select(chunk => chunk.Length).ToList();

        Assert.Equal(paper, Cut(data, parameters, either, isWide: false));
        Assert.Equal(paper, Cut(data, parameters, either, FastCdc.Avx512Kernel.IsSupported));
    }

    private static List<int> Cut(byte[] data, CutParameters parameters, CutMasks masks, bool isWide)
    {
        var lengths = new List<int>();
        for (var at = 0; at < data.Length; at += lengths[^1])
            lengths.Add(FastCdc.NextCut(data.AsSpan(at), parameters, masks, isFinal: true, isWide));
        return lengths;
    }
}
