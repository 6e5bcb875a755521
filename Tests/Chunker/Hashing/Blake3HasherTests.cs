using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Hashing;

public class Blake3HasherTests
{
    private static readonly byte[] Data = Blake3Vectors.Input(5 * Blake3.RunBytes + 12_345);

    [Fact]
    [Trait("Category", "Random")]
    public void Appending_in_pieces_of_any_length_gives_the_digest_of_the_whole()
    {
        var random = Rounds.Random(20_240_607);
        var hasher = new Blake3Hasher();

        for (var round = 0; round < Rounds.Of(200); round++)
        {
            var input = Data.AsSpan(0, RandomLength(random, Data.Length));
            hasher.Reset();
            for (var at = 0; at < input.Length;)
            {
                var piece = Math.Min(RandomLength(random, input.Length), input.Length - at);
                hasher.Append(input.Slice(at, piece));
                at += piece;
            }

            Assert.Equal(Blake3.Hash(input), hasher.Finish());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(64 * 1024)]
    [InlineData(256 * 1024)]
    public void Appending_in_pieces_of_one_length_gives_the_digest_of_the_whole(int piece)
    {
        var hasher = new Blake3Hasher();
        int[] lengths = [0, 1, 1024, 1025, 16 * 1024, 16 * 1024 + 1, Blake3.RunBytes, Blake3.RunBytes + 1,
            2 * Blake3.RunBytes, 4 * Blake3.RunBytes, 5 * Blake3.RunBytes + 1];

        foreach (var length in lengths)
        {
            hasher.Reset();
            for (var at = 0; at < length; at += piece)
                hasher.Append(Data.AsSpan(at, Math.Min(piece, length - at)));

            Assert.Equal(Blake3.Hash(Data.AsSpan(0, length)), hasher.Finish());
        }
    }

    [Fact]
    public void Appending_nothing_changes_nothing()
    {
        var hasher = new Blake3Hasher();

        hasher.Append([]);
        hasher.Append([1, 2]);
        hasher.Append([]);
        hasher.Append([3]);

        Assert.Equal(Blake3.Hash([1, 2, 3]), hasher.Finish());
    }

    [Fact]
    public void A_finished_hasher_takes_nothing_until_it_is_reset()
    {
        var hasher = new Blake3Hasher();
        hasher.Append([1, 2, 3]);
        hasher.Finish();

        Assert.Throws<InvalidOperationException>(() => hasher.Append([4]));
        Assert.Throws<InvalidOperationException>(() => hasher.Finish());

        hasher.Reset();
        Assert.Equal(Blake3.Hash([]), hasher.Finish());
    }

    [Fact]
    public void Hashing_allocates_nothing_after_construction()
    {
        var hasher = new Blake3Hasher();

        Assert.Equal(0, Allocations.Of(() => HashAll(hasher)));
    }

    private static void HashAll(Blake3Hasher hasher)
    {
        for (var piece = 500; piece < Data.Length; piece *= 9)
        {
            hasher.Reset();
            for (var at = 0; at < Data.Length; at += piece)
                hasher.Append(Data.AsSpan(at, Math.Min(piece, Data.Length - at)));
            hasher.Finish();
        }
    }

    /// <summary>Short and long alike: every order of magnitude is as likely as another.</summary>
    private static int RandomLength(Random random, int most) =>
        1 + (int)Math.Min(Math.Exp(random.NextDouble() * Math.Log(most)), most - 1);
}
