using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Compression;

public sealed class DecodedFrameTests : IDisposable
{
    private static readonly ChunkRef Hello = new(Digest.Of("hello "u8), 6);
    private static readonly ChunkRef World = new(Digest.Of("world"u8), 5);

    private readonly DecodedFrame _frame = Decode("c0010000" + "0b000000" + "68656c6c6f20" + "776f726c64");

    public void Dispose() => _frame.Dispose();

    [Fact]
    public void Every_chunk_is_verified_in_order()
    {
        var chunks = _frame.Verify([Hello, World]);

        Assert.Equal([Hello, World], chunks.Select(chunk => chunk.Ref));
        Assert.Equal("world"u8, chunks[1].Plain.Span);
    }

    [Fact]
    public void A_wrong_digest_is_said_with_both_digests()
    {
        var wrong = World with { Hash = Digest.Of("World"u8) };

        var error = Assert.Throws<ChunkCorruptException>(() => _frame.Verify([Hello, wrong]));

        Assert.Equal(wrong.Hash, error.Expected);
        Assert.Equal(World.Hash, error.Actual);
        Assert.Throws<ChunkCorruptException>(() => _frame.VerifyAt(6, wrong));
    }

    [Fact]
    public void Chunks_that_do_not_add_up_to_the_frame_are_refused()
    {
        Assert.Throws<FrameInvalidException>(() => _frame.Verify([]));
        Assert.Throws<FrameInvalidException>(() => _frame.Verify([Hello]));
        Assert.Throws<FrameInvalidException>(() => _frame.Verify([Hello, World, World]));
        Assert.Throws<FrameInvalidException>(() => _frame.Verify([Hello, World, new ChunkRef(Digest.Of([]), 0)]));
        Assert.Throws<FrameInvalidException>(
            () => _frame.Verify([Hello, World with { Length = int.MaxValue }, World with { Length = int.MinValue }]));
        Assert.Throws<FrameInvalidException>(
            () => _frame.Verify([World with { Length = int.MaxValue }, World with { Length = int.MaxValue }]));
    }

    [Fact]
    public void One_chunk_is_verified_where_it_lies()
    {
        Assert.Equal("world"u8, _frame.VerifyAt(6, World).Plain.Span);
        Assert.Throws<ChunkCorruptException>(() => _frame.VerifyAt(5, World));
    }

    [Theory]
    [InlineData(7, 5)]
    [InlineData(-1, 5)]
    [InlineData(0, 12)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(int.MaxValue, 5)]
    [InlineData(1, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue)]
    public void A_chunk_outside_of_the_frame_is_refused(int offset, int length) =>
        Assert.Throws<FrameInvalidException>(() => _frame.VerifyAt(offset, World with { Length = length }));

    [Fact]
    public void A_disposed_frame_gives_nothing_and_returns_its_buffer_once()
    {
        var frame = Decode("c0010000" + "0b000000" + "68656c6c6f20" + "776f726c64");
        frame.Dispose();
        frame.Dispose();

        Assert.Throws<ObjectDisposedException>(() => frame.Plain);
        Assert.Throws<ObjectDisposedException>(() => frame.Verify([Hello, World]));
        Assert.Throws<ObjectDisposedException>(() => frame.VerifyAt(0, Hello));
    }

    private static DecodedFrame Decode(string hex)
    {
        using var decoder = new ZstdDecoder();
        return ChunkFrame.Decode(Convert.FromHexString(hex), decoder);
    }
}
