using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Reading;

public sealed class VerifiedFramesTests
{
    private static readonly FrameLocation Frame = new(Digest.Of("pack"u8), 8, 400, 500);

    [Fact]
    public void A_frame_that_was_verified_for_one_chunk_is_not_for_another_at_the_same_offset()
    {
        var verified = new VerifiedFrames();

        verified.Add(FrameWith(Digest.Of("one"u8)));

        Assert.True(verified.Has(FrameWith(Digest.Of("one"u8))));
        Assert.False(verified.Has(FrameWith(Digest.Of("two"u8))));
    }

    private static WholeFrame FrameWith(Digest chunk) =>
        new(Frame, [new WantedChunk(0, 0, chunk, new ChunkLocation(Frame, 0, 500))]) { Spans = [] };
}
