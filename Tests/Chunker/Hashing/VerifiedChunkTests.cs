using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Hashing;

public class VerifiedChunkTests
{
    [Fact]
    public void A_chunk_is_called_by_the_hash_of_its_bytes()
    {
        var plain = Blake3Vectors.Input(3000);

        var chunk = VerifiedChunk.Of(plain);

        Assert.Equal(Blake3.Hash(plain), chunk.Hash);
        Assert.Equal(plain, chunk.Plain);
        Assert.Equal(3000, chunk.Length);
        Assert.Equal(new ChunkRef(Blake3.Hash(plain), 3000), chunk.Ref);
    }

    [Fact]
    public void A_default_chunk_throws_on_use()
    {
        VerifiedChunk chunk = default;

        Assert.Throws<InvalidOperationException>(() => chunk.Hash);
        Assert.Throws<InvalidOperationException>(() => chunk.Plain);
        Assert.Throws<InvalidOperationException>(() => chunk.Length);
        Assert.Throws<InvalidOperationException>(() => chunk.Ref);
    }

    [Fact]
    public void A_corrupt_chunk_is_told_by_both_digests_and_a_stable_code()
    {
        Digest expected = Digest.Of([1]), actual = Digest.Of([2]);

        var failure = new ChunkCorruptException(expected, actual);

        Assert.Equal("CHUNK_HASH", failure.Code);
        Assert.Equal((expected, actual), (failure.Expected, failure.Actual));
        Assert.Contains(expected.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains(actual.ToString(), failure.Message, StringComparison.Ordinal);
    }
}
