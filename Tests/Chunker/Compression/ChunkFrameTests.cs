using System.Buffers.Binary;
using ChunkOta.Chunking;
using ChunkOta.Tests.Chunker.Cutting;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Compression;

public sealed class ChunkFrameTests : IDisposable
{
    private readonly ZstdEncoder _encoder = new(3);
    private readonly ZstdDecoder _decoder = new();

    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    [Theory]
    [InlineData("c0010000" + "05000000" + "68656c6c6f", "hello")]
    [InlineData("c0010100" + "20000000" + "28b52ffd2020" + "03010021", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public void A_frame_written_by_hand_decodes_to_its_bytes(string hex, string plain)
    {
        using var frame = ChunkFrame.Decode(Convert.FromHexString(hex), _decoder);

        Assert.Equal(plain, System.Text.Encoding.ASCII.GetString(frame.Plain.Span));
    }

    [Theory]
    [Trait("Category", "Random")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_frame_of_many_chunks_gives_back_every_chunk(int seed)
    {
        var random = Rounds.Random(seed);
        var destination = new byte[ChunkFrame.MaxStoredBytes];
        for (var round = 0; round < Rounds.Of(30); round++)
        {
            var plain = TestBytes.Random(random, random.Next(1, ChunkFrame.MaxPlainBytes + 1));
            var chunks = Cut(plain, random);

            var stored = destination[..ChunkFrame.Encode(plain, destination, _encoder)];

            using var frame = ChunkFrame.Decode(stored, _decoder);
            var verified = frame.Verify(chunks);
            Assert.Equal(chunks, verified.Select(chunk => chunk.Ref));
            Assert.Equal(plain, verified.SelectMany(chunk => chunk.Plain.ToArray()));
        }
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(100, 108)]
    [InlineData(ChunkFrame.MaxPlainBytes, ChunkFrame.MaxStoredBytes)]
    public void What_does_not_compress_is_stored_raw(int plainBytes, int storedBytes)
    {
        var plain = TestBytes.Congruential(plainBytes);
        var destination = new byte[storedBytes];

        Assert.Equal(storedBytes, ChunkFrame.Encode(plain, destination, _encoder));

        Assert.Equal(0, destination[2]);
        Assert.Equal(plain, destination[ChunkFrame.HeaderBytes..]);
    }

    [Fact]
    public void What_compresses_is_stored_smaller()
    {
        var destination = new byte[ChunkFrame.MaxStoredBytes];

        var stored = ChunkFrame.Encode(new byte[ChunkFrame.MaxPlainBytes], destination, _encoder);

        Assert.Equal(1, destination[2]);
        Assert.InRange(stored, ChunkFrame.HeaderBytes + 10, 200);
    }

    [Fact]
    public void Lengths_that_no_frame_has_are_refused()
    {
        var destination = new byte[ChunkFrame.MaxStoredBytes + 1];

        Assert.Throws<ArgumentException>(() => ChunkFrame.Encode([], destination, _encoder));
        Assert.Throws<ArgumentException>(
            () => ChunkFrame.Encode(new byte[ChunkFrame.MaxPlainBytes + 1], destination, _encoder));
        Assert.Throws<ArgumentException>(() => ChunkFrame.Encode(new byte[100], destination.AsSpan(0, 107), _encoder));
    }

    [Theory]
    [InlineData(0, 0xC1)] // magic
    [InlineData(1, 0)] // version
    [InlineData(1, 2)]
    [InlineData(2, 1)] // raw bytes called zstd
    [InlineData(2, 2)] // codec
    [InlineData(3, 1)] // reserved
    [InlineData(4, 4)] // plain length
    [InlineData(4, 6)]
    [InlineData(6, 9)]
    [InlineData(7, 0x80)]
    public void A_header_with_any_field_wrong_is_refused(int offset, byte value)
    {
        var stored = Convert.FromHexString("c0010000" + "05000000" + "68656c6c6f");
        stored[offset] = value;

        Assert.Throws<FrameInvalidException>(() => ChunkFrame.Decode(stored, _decoder));
    }

    [Fact]
    public void A_frame_cut_short_or_longer_is_refused()
    {
        var raw = Convert.FromHexString("c0010000" + "05000000" + "68656c6c6f");
        var zstd = Convert.FromHexString("c0010100" + "20000000" + "28b52ffd2020" + "03010021");
        foreach (var stored in new[] { raw, zstd })
        {
            for (var length = 0; length < stored.Length; length++)
                Assert.Throws<FrameInvalidException>(() => ChunkFrame.Decode(stored.AsMemory(0, length), _decoder));
            Assert.Throws<FrameInvalidException>(() => ChunkFrame.Decode((byte[])[.. stored, 0], _decoder));
        }
    }

    [Fact]
    public void A_payload_that_is_not_smaller_than_its_plain_bytes_is_refused()
    {
        var payload = HandmadeZstd.SingleSegment(5, HandmadeZstd.Raw(isLast: true, 1, 2, 3, 4, 5));

        Assert.Throws<FrameInvalidException>(() => ChunkFrame.Decode(Frame(5, payload), _decoder));
    }

    [Fact]
    public void A_bomb_in_a_frame_is_refused()
    {
        const long size = 4L << 30;
        var honest = HandmadeZstd.Windowed(23, size, HandmadeZstd.Zeros(size));
        var lying = HandmadeZstd.Windowed(23, ChunkFrame.MaxPlainBytes, HandmadeZstd.Zeros(size));
        var hungry = HandmadeZstd.Windowed(31, 1000, HandmadeZstd.Zeros(1000));

        Assert.Throws<DecompressLimitException>(
            () => ChunkFrame.Decode(Frame(ChunkFrame.MaxPlainBytes, honest), _decoder));
        Assert.Throws<FrameInvalidException>(
            () => ChunkFrame.Decode(Frame(ChunkFrame.MaxPlainBytes, lying), _decoder));
        Assert.Throws<DecompressLimitException>(() => ChunkFrame.Decode(Frame(1000, hungry), _decoder));
    }

    [Fact]
    public void Compression_within_compression_is_expanded_once()
    {
        var inner = Frame(1000, HandmadeZstd.SingleSegment(1000, HandmadeZstd.Zeros(1000)));
        var stored = new byte[ChunkFrame.HeaderBytes + inner.Length];

        var length = ChunkFrame.Encode(inner, stored, _encoder);

        using var frame = ChunkFrame.Decode(stored.AsMemory(0, length), _decoder);
        Assert.Equal(inner, frame.Plain.ToArray());
    }

    [Fact]
    public void A_frame_costs_three_small_objects_whatever_it_holds()
    {
        var plain = TestBytes.Congruential(400_000);
        var chunks = Cut(plain, new Random(1));
        var destination = new byte[ChunkFrame.MaxStoredBytes];

        var allocated = Allocations.Of(Once);

        // The decoded frame, the array of chunks and nothing for a chunk itself.
        var array = 24 + (System.Runtime.CompilerServices.Unsafe.SizeOf<VerifiedChunk>() * chunks.Count);
        Assert.InRange(allocated, array, array + 100);

        void Once()
        {
            var length = ChunkFrame.Encode(plain, destination, _encoder);
            using var frame = ChunkFrame.Decode(destination.AsMemory(0, length), _decoder);
            frame.Verify(chunks);
        }
    }

    private static byte[] Frame(int plainBytes, byte[] payload)
    {
        byte[] frame = [0xC0, 1, 1, 0, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), plainBytes);
        return frame;
    }

    private static List<ChunkRef> Cut(byte[] plain, Random random)
    {
        var chunks = new List<ChunkRef>();
        for (var at = 0; at < plain.Length; at += chunks[^1].Length)
        {
            var length = random.Next(1, Math.Min(plain.Length - at, 60_000) + 1);
            chunks.Add(new ChunkRef(Digest.Of(plain.AsSpan(at, length)), length));
        }

        return chunks;
    }
}
