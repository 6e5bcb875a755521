using System.Text;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("a\nb\n")]
    [InlineData("\ufeffa\nb\n")]
    [InlineData("a\r\nb\r\n")]
    [InlineData("\ufeffa\r\nb\r\n")]
    public void Mark_and_line_ends_make_no_difference(string text)
    {
        Assert.Equal("a\nb\n", PlainText.Read(Encoding.UTF8.GetBytes(text), "file"));
        Assert.Equal("a\nb\n", PlainText.OfDecoded(text, "input"));
    }

    [Fact]
    public void Bytes_lose_their_mark_alone() =>
        Assert.Equal("{}\r\n"u8, PlainText.Utf8Of("\ufeff{}\r\n"u8, "file"));

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    public void UTF16_and_UTF32_are_refused_by_name(string encoding, bool hasMark)
    {
        var coder = Encoding.GetEncoding(encoding);
        byte[] file = [.. hasMark ? coder.GetPreamble() : [], .. coder.GetBytes("coa_secret\r\n")];

        var refused = Assert.Throws<ChunkOtaException>(() => PlainText.Read(file, "ci.token"));
        var decoded = Assert.Throws<ChunkOtaException>(
            () => PlainText.OfDecoded(Encoding.UTF8.GetString(file), "standard input"));

        Assert.Equal("CONFIG_INVALID", refused.Code);
        Assert.Equal(
            "the file is not UTF-8 text: ci.token: it is UTF-16, or not text: save it as UTF-8", refused.Message);
        Assert.Equal("CONFIG_INVALID", decoded.Code);
        Assert.DoesNotContain("secret", decoded.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_encoding_is_refused_with_the_first_byte_of_it()
    {
        var refused = Assert.Throws<ChunkOtaException>(
            () => PlainText.Read(Encoding.Latin1.GetBytes("ééé Grüße"), "notes"));

        Assert.Contains("byte 0xe9 belongs to another encoding", refused.Message, StringComparison.Ordinal);
    }
}
