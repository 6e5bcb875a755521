using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Compression;

public sealed class ZstdFrameHeaderTests
{
    [Theory]
    [InlineData("2003", 3UL, 3UL)] // single segment, one byte
    [InlineData("60e803", 1256UL, 1256UL)] // single segment, two bytes, which count from 256
    [InlineData("a000000800", 524_288UL, 524_288UL)] // single segment, four bytes
    [InlineData("e00000000001000000", 1UL << 32, 1UL << 32)] // single segment, eight bytes
    [InlineData("8068e8030000", 1000UL, 8UL << 20)] // window 2^23
    [InlineData("8002e8030000", 1000UL, 1280UL)] // window 2^10 and two eighths
    [InlineData("c0ffe803000000000000", 1000UL, (1UL << 41) + (7UL << 38))] // the largest window
    public void Lengths_and_windows_are_read_as_the_format_says(string afterMagic, ulong content, ulong window)
    {
        var frame = Convert.FromHexString("28b52ffd" + afterMagic);

        Assert.True(ZstdFrameHeader.TryRead(frame, out var header));

        Assert.Equal(new ZstdFrameHeader(content, window, HasDictionaryId: false), header);
        for (var length = 0; length < frame.Length; length++)
            Assert.False(ZstdFrameHeader.TryRead(frame.AsSpan(0, length), out _));
    }

    [Fact]
    public void A_frame_without_a_declared_length_has_none()
    {
        Assert.True(ZstdFrameHeader.TryRead(Convert.FromHexString("28b52ffd0038"), out var header));

        Assert.Equal(new ZstdFrameHeader(null, 128 * 1024, HasDictionaryId: false), header);
    }

    [Theory]
    [InlineData("210703")]
    [InlineData("22070003")]
    [InlineData("230700000003")]
    public void A_dictionary_number_is_seen_whatever_its_length(string afterMagic)
    {
        Assert.True(ZstdFrameHeader.TryRead(Convert.FromHexString("28b52ffd" + afterMagic), out var header));

        Assert.Equal(new ZstdFrameHeader(3, 3, HasDictionaryId: true), header);
    }
}
