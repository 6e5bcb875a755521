using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Comparisons of many bytes at a time equal a loop over single bytes.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void The_bytes_that_agree_are_those_that_a_loop_finds()
    {
        var random = new Random(1);
        for (var length = 0; length <= 3 * Agreement.BlockBytes; length++)
        {
            var (one, other) = Alike(random, length, 2);

            ulong expected = 0;
            for (var at = 0; at < Math.Min(length, Agreement.BlockBytes); at++)
                expected |= one[at] == other[at] ? 1UL << at : 0;

            Assert.Equal(expected, Agreement.Of(one, other));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void The_best_prefix_is_the_one_that_a_loop_finds(int alikeOf)
    {
        var random = new Random(alikeOf);
        for (var length = 0; length <= 5 * Agreement.BlockBytes; length++)
        {
            var (one, other) = Alike(random, length, alikeOf);

            Assert.Equal(BestPrefix(one, other), Agreement.BestPrefix(one, other));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void The_best_suffix_is_the_best_prefix_of_both_turned_round(int alikeOf)
    {
        var random = new Random(alikeOf);
        for (var length = 0; length <= 5 * Agreement.BlockBytes; length++)
        {
            var (one, other) = Alike(random, length, alikeOf);
            var (last, lastOther) = (one.Reverse().ToArray(), other.Reverse().ToArray());

            Assert.Equal(BestPrefix(last, lastOther), Agreement.BestSuffix(one, other));
        }
    }

    [Fact]
    public void A_suffix_is_not_followed_far_beyond_its_best()
    {
        var (one, other) = (new byte[1 << 20], new byte[1 << 20]);
        one.AsSpan(1 << 19, (1 << 19) - 100).Fill(1);

        Assert.Equal(100, Agreement.BestSuffix(one, other));
    }

    private static int BestPrefix(byte[] one, byte[] other)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (var at = 0; at < one.Length; at++)
        {
            score += one[at] == other[at] ? 1 : -1;
            if (score > bestScore)
                (best, bestScore) = (at + 1, score);
        }

        return best;
    }

    /// <summary>Two stretches of which one byte in so many differs.</summary>
    private static (byte[] One, byte[] Other) Alike(Random random, int length, int alikeOf)
    {
        var one = SampleFiles.Random(random, length);
        var other = one.ToArray();
        for (var at = 0; at < length; at++)
        {
            if (random.Next(alikeOf) == 0)
                other[at] ^= (byte)random.Next(1, 256);
        }

        return (one, other);
    }
}
