using ChunkOta.Admin;
using ChunkOta.Chunking;
using FsCheck;
using FsCheck.Fluent;

namespace ChunkOta.Tests.Admin.Publishing;

public sealed class FramePackerTests
{
    [Fact]
    public void Every_chunk_travels_once_in_order_and_no_frame_is_too_long()
    {
        var lengths = Gen.Choose(1, ChunkFrame.MaxPlainBytes).Or(Gen.Choose(1, 20_000)).NonEmptyListOf();

        Prop.ForAll(lengths.ToArbitrary(), list =>
        {
            var chunks = Chunks(list);

            var frames = FramePacker.Pack(chunks).ToList();

            return frames.SelectMany(frame => frame.Chunks).SequenceEqual(chunks)
                && frames.All(frame => frame.PlainBytes == frame.Chunks.Sum(chunk => chunk.Chunk.Length)
                    && frame.PlainBytes is > 0 and <= ChunkFrame.MaxPlainBytes);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_frame_is_closed_only_because_the_next_chunk_does_not_fit()
    {
        var lengths = Gen.Choose(1, 200_000).ListOf();

        Prop.ForAll(lengths.ToArbitrary(), list =>
        {
            var frames = FramePacker.Pack(Chunks(list)).ToList();

            return frames.Zip(frames.Skip(1)).All(pair =>
                pair.First.PlainBytes + pair.Second.Chunks[0].Chunk.Length > ChunkFrame.MaxPlainBytes);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nothing_makes_no_frame()
    {
        Assert.Empty(FramePacker.Pack([]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ChunkFrame.MaxPlainBytes + 1)]
    public void A_chunk_that_no_frame_can_hold_is_refused(int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FramePacker.Pack(Chunks([length])).ToList());
    }

    private static List<SourceChunk> Chunks(IEnumerable<int> lengths)
    {
        var offset = 0L;
        List<SourceChunk> chunks = [];
        foreach (var length in lengths)
        {
            chunks.Add(new SourceChunk(0, offset, new ChunkRef(Digest.Of(BitConverter.GetBytes(offset)), length)));
            offset += length;
        }

        return chunks;
    }
}
