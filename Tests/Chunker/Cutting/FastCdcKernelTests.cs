using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class FastCdcKernelTests
{
    [Fact]
    public void The_kernel_in_use_agrees_with_the_plain_one_on_random_parameters_and_lengths()
    {
        var random = new Random(41);
        for (var round = 0; round < 300; round++)
            AssertAgree(TestBytes.Random(random, random.Next(600_000)), Parameters(random));
    }

    [Fact]
    public void The_kernel_in_use_agrees_with_the_plain_one_around_whole_blocks()
    {
        var random = new Random(42);
        for (var round = 0; round < 300; round++)
        {
            var parameters = Parameters(random);
            var blocks = random.Next(4) * FastCdc.Avx512Kernel.BlockBytes;
            var data = TestBytes.Random(random, Math.Max(0, parameters.Min + blocks + random.Next(-40, 40)));

            AssertAgree(data, parameters);
        }
    }

    [Fact]
    public void The_kernel_in_use_agrees_with_the_plain_one_where_a_cut_could_be_anywhere()
    {
        // Loose masks: a cut at about every 64th byte, and far more bytes that meet the low half of the mask alone.
        var random = new Random(43);
        var parameters = new CutParameters(64, 64 * 1024, 256 * 1024);
        for (var round = 0; round < 300; round++)
        {
            var data = TestBytes.Random(random, 20_000);
            var masks = new CutMasks(CutMasks.For(256 << random.Next(5)).Loose, 0x0000_d903_0353_7000);

            AssertAgree(data, parameters with { Seed = (ulong)random.NextInt64() }, masks);
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

    private static void AssertAgree(byte[] data, CutParameters parameters, CutMasks? masks = null)
    {
        var either = masks ?? CutMasks.For(parameters.Average);
        for (var at = 0; at < data.Length;)
        {
            var plain = FastCdc.NextCut(data.AsSpan(at), parameters, either, isFinal: true, isWide: false);
            var inUse = FastCdc.NextCut(data.AsSpan(at), parameters, either, isFinal: true, FastCdc.Avx512Kernel.IsSupported);

            Assert.Equal(plain, inUse);
            at += plain;
        }
    }
}
