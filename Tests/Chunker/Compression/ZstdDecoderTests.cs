using ChunkOta.Chunking;
using ChunkOta.Tests.Chunker.Cutting;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Compression;

public sealed class ZstdDecoderTests : IDisposable
{
    private readonly ZstdDecoder _decoder = new();

    public void Dispose() => _decoder.Dispose();

    /// <summary>
    /// Magic; single segment of 11 bytes; a raw block of "hello "; a last run-length block of 5 times "!".
    /// </summary>
    [Fact]
    public void A_frame_written_by_hand_decodes_to_its_bytes()
    {
        var frame = Convert.FromHexString("28b52ffd" + "200b" + "300000" + "68656c6c6f20" + "2b0000" + "21");
        var destination = new byte[11];

        _decoder.Decode(frame, destination);

        Assert.Equal("hello !!!!!"u8, destination);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(8 * 1024 * 1024)]
    public void A_frame_of_zeros_decodes_to_its_declared_length(int length)
    {
        var destination = new byte[length];
        Array.Fill(destination, (byte)1);

        _decoder.Decode(HandmadeZstd.SingleSegment(length, HandmadeZstd.Zeros(length)), destination);

        Assert.Equal(-1, destination.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_frame_that_expands_to_4_GiB_is_refused_before_it_does()
    {
        var bomb = HandmadeZstd.Windowed(23, 4L << 30, HandmadeZstd.Zeros(4L << 30));

        Assert.Throws<DecompressLimitException>(() => _decoder.Decode(bomb, new byte[1000]));
        Assert.Throws<DecompressLimitException>(() => _decoder.Decode(bomb.AsSpan(0, 1024), new byte[1000]));
    }

    [Theory]
    [InlineData(1000, 1001)]
    [InlineData(1000, 4 << 20)]
    [InlineData(1000, 999)]
    [InlineData(1000, 0)]
    [InlineData(0, 1)]
    public void A_frame_that_holds_other_than_it_declares_is_refused_and_writes_nowhere_else(int declared, int held)
    {
        var frame = HandmadeZstd.SingleSegment(declared, HandmadeZstd.Zeros(held));
        var buffer = new byte[declared + 200];
        Array.Fill(buffer, (byte)1);

        Assert.Throws<FrameInvalidException>(() => _decoder.Decode(frame, buffer.AsSpan(100, declared)));

        Assert.Equal(-1, buffer.AsSpan(0, 100).IndexOfAnyExcept((byte)1));
        Assert.Equal(-1, buffer.AsSpan(100 + declared).IndexOfAnyExcept((byte)1));
    }

    [Fact]
    public void A_frame_that_declares_more_than_is_due_is_over_the_limit() =>
        Assert.Throws<DecompressLimitException>(
            () => _decoder.Decode(HandmadeZstd.SingleSegment(1001, HandmadeZstd.Zeros(1001)), new byte[1000]));

    [Fact]
    public void A_frame_that_declares_less_than_is_due_is_refused() =>
        Assert.Throws<FrameInvalidException>(
            () => _decoder.Decode(HandmadeZstd.SingleSegment(999, HandmadeZstd.Zeros(999)), new byte[1000]));

    [Fact]
    public void A_frame_that_declares_no_length_is_refused() =>
        Assert.Throws<FrameInvalidException>(
            () => _decoder.Decode(HandmadeZstd.Undeclared(17, HandmadeZstd.Zeros(1000)), new byte[1000]));

    [Theory]
    [InlineData(24, 23)]
    [InlineData(31, 23)]
    [InlineData(41, 31)]
    [InlineData(27, 26)]
    public void A_window_over_the_cap_is_refused(int log, int cap)
    {
        var frame = HandmadeZstd.Windowed(log, 1000, HandmadeZstd.Zeros(1000));

        Assert.Throws<DecompressLimitException>(
            () => _decoder.Decode(frame, new byte[1000], maxWindowLog: cap));
    }

    [Theory]
    [InlineData(23, 23)]
    [InlineData(10, 10)]
    [InlineData(26, 26)]
    public void A_window_at_the_cap_is_accepted(int log, int cap) =>
        _decoder.Decode(
            HandmadeZstd.Windowed(log, 1000, HandmadeZstd.Zeros(1000)), new byte[1000], maxWindowLog: cap);

    [Fact]
    public void A_skippable_frame_is_refused_alone_before_and_after()
    {
        var frame = HandmadeZstd.SingleSegment(3, HandmadeZstd.Raw(isLast: true, 1, 2, 3));
        var skippable = HandmadeZstd.Skippable(4, 5, 6);

        Assert.Throws<FrameInvalidException>(() => _decoder.Decode(skippable, new byte[3]));
        Assert.Throws<FrameInvalidException>(() => _decoder.Decode([.. skippable, .. frame], new byte[3]));
        Assert.Throws<FrameInvalidException>(() => _decoder.Decode([.. frame, .. skippable], new byte[3]));
    }

    [Fact]
    public void Two_frames_are_refused()
    {
        var frame = HandmadeZstd.SingleSegment(3, HandmadeZstd.Raw(isLast: true, 1, 2, 3));

        Assert.Throws<FrameInvalidException>(() => _decoder.Decode([.. frame, .. frame], new byte[3]));
        Assert.Throws<FrameInvalidException>(() => _decoder.Decode([.. frame, .. frame], new byte[6]));
    }

    [Fact]
    public void Trailing_bytes_are_refused()
    {
        var frame = HandmadeZstd.SingleSegment(3, HandmadeZstd.Raw(isLast: true, 1, 2, 3));

        Assert.Throws<FrameInvalidException>(() => _decoder.Decode([.. frame, 0], new byte[3]));
    }

    [Fact]
    public void A_frame_cut_short_anywhere_is_refused()
    {
        var frame = HandmadeZstd.Windowed(
            17, 1003, HandmadeZstd.Raw(isLast: false, 1, 2, 3), HandmadeZstd.Repeat(isLast: true, 4, 1000));

        for (var length = 0; length < frame.Length; length++)
        {
            var part = frame[..length];
            Assert.Throws<FrameInvalidException>(() => _decoder.Decode(part, new byte[1003]));
        }

        _decoder.Decode(frame, new byte[1003]);
    }

    [Fact]
    public void A_frame_that_asks_for_a_dictionary_is_refused() =>
        Assert.Throws<FrameInvalidException>(
            () => _decoder.Decode(
                HandmadeZstd.WithDictionaryId(3, HandmadeZstd.Raw(isLast: true, 1, 2, 3)), new byte[3]));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("1eb52ffd1e0000000000")] // the format of 2015
    [InlineData("1f8b0800000000000003")] // gzip
    [InlineData("28b52ffd2803190000010203")] // the reserved bit
    public void Other_bytes_are_refused(string hex) =>
        Assert.Throws<FrameInvalidException>(() => _decoder.Decode(Convert.FromHexString(hex), new byte[3]));

    [Theory]
    [Trait("Category", "Random")]
    [InlineData(1)]
    [InlineData(2)]
    public void A_damaged_frame_gives_a_typed_error_or_bytes_and_spoils_no_later_one(int seed)
    {
        var random = Rounds.Random(seed);
        using var encoder = new ZstdEncoder(3);
        var plain = TestBytes.Congruential(20_000);
        plain.AsSpan(0, 10_000).CopyTo(plain.AsSpan(10_000));
        var frame = Encode(encoder, plain);
        var destination = new byte[plain.Length];
        var refused = 0;
        for (var round = 0; round < Rounds.Of(2000); round++)
        {
            var damaged = frame.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(random.Next(2) == 0 ? 40 : damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                _decoder.Decode(damaged, destination);
            }
            catch (ChunkOtaException error) when (error is FrameInvalidException or DecompressLimitException)
            {
                refused++;
            }
        }

        _decoder.Decode(frame, destination);

        Assert.True(refused > 500);
        Assert.Equal(plain, destination);
    }

    [Fact]
    public void A_prefix_given_to_a_refused_frame_is_not_there_for_the_next()
    {
        using var encoder = new ZstdEncoder(3);
        var old = TestBytes.Congruential(100_000);
        var withPrefix = Encode(encoder, old, old.ToArray());
        var destination = new byte[old.Length];

        // The last block says that it is longer than it is allowed to be: refused before anything uses the prefix.
        var wrong = HandmadeZstd.SingleSegment(old.Length, HandmadeZstd.Repeat(isLast: true, 0, 1 << 20));
        Assert.Throws<FrameInvalidException>(() => _decoder.Decode(wrong, destination, old));

        Assert.Throws<FrameInvalidException>(() => _decoder.Decode(withPrefix, destination));
        _decoder.Decode(withPrefix, destination, old);
        Assert.Equal(old, destination);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(32)]
    public void A_cap_that_no_window_has_is_a_mistake_of_the_caller(int cap) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _decoder.Decode([], [], maxWindowLog: cap));

    [Fact]
    public void A_disposed_decoder_refuses_to_decode()
    {
        var frame = HandmadeZstd.SingleSegment(3, HandmadeZstd.Raw(isLast: true, 1, 2, 3));
        _decoder.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _decoder.Decode(frame, new byte[3]));
    }

    private static byte[] Encode(ZstdEncoder encoder, byte[] plain, byte[]? prefix = null)
    {
        var buffer = new byte[ZstdEncoder.MaxEncodedLength(plain.Length)];
        return buffer[..encoder.Encode(plain, buffer, prefix)];
    }
}
