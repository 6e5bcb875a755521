using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Files larger than what the encoder holds of them.</summary>
public sealed class LargeDeltaTests
{
    private const int PartBytes = 4 << 20;
    private const int Parts = 40;

    /// <summary>
    /// 160 MiB of a base in parts of 4 MiB, which the target has in another order, each with a few bytes more.
    /// </summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void Content_that_moved_far_within_a_large_file_is_found_again()
    {
        var random = new Random(51);
        var seeds = Enumerable.Range(0, Parts).ToArray();
        var old = new byte[Parts * PartBytes];
        foreach (var seed in seeds) new Random(seed).NextBytes(old.AsSpan(seed * PartBytes, PartBytes));
        random.Shuffle(seeds);
        using var target = new MemoryStream(old.Length + 1000);
        foreach (var seed in seeds)
        {
            target.Write(SampleFiles.Random(random, 13));
            target.Write(old, seed * PartBytes, PartBytes);
        }

        var pair = new DeltaPair().With(target.ToArray(), old);
        var delta = pair.Encode();

        Assert.InRange(delta.Length, 600, 6_000); // 5,472 when this was written
        using var decoder = pair.Open(delta);
        Assert.True(decoder.MoveNext());
        var hasher = new Blake3Hasher();
        decoder.WriteTo(new MemoryReader(old), hasher.Append);
        Assert.Equal(Digest.Of(target.GetBuffer().AsSpan(0, (int)target.Length)), hasher.Finish());
    }
}
