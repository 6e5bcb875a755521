using System.Numerics;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class CutMasksTests
{
    [Fact]
    public void Masks_have_the_averages_bits_and_the_level_more_or_less()
    {
        for (var bits = 8; bits <= 19; bits++)
        {
            for (var level = 0; level <= 3; level++)
            {
                var masks = CutMasks.For(1 << bits, level);

                Assert.Equal(bits + level, BitOperations.PopCount(masks.Strict));
                Assert.Equal(bits - level, BitOperations.PopCount(masks.Loose));
            }
        }
    }

    [Fact]
    public void Every_mask_is_documented()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/format.md"));

        for (var bits = 8; bits <= 19; bits++)
        {
            var masks = CutMasks.For(1 << bits);
            Assert.Matches($@"[` \n]{masks.Strict:x}[` \n]", page);
            Assert.Matches($@"[` \n]{masks.Loose:x}[` \n]", page);
        }
    }

    [Theory]
    [InlineData(256, 1, 0x0000_0190_0035_3000UL, 0x0000_0000_1803_5100UL)]
    [InlineData(16 * 1024, 1, 0x0000_d90f_0353_0000UL, 0x0000_d903_0353_0000UL)]
    [InlineData(16 * 1024, 2, 0x0000_d903_0353_7000UL, 0x0000_d901_0353_0000UL)]
    [InlineData(64 * 1024, 2, 0x0000_d907_0753_7000UL, 0x0000_d903_1353_0000UL)]
    public void Masks_are_the_published_ones(int average, int level, ulong strict, ulong loose) =>
        Assert.Equal(new CutMasks(strict, loose), CutMasks.For(average, level));
}
