using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Errors;

public sealed class OneLineTests
{
    [Theory]
    [InlineData("plain text, 100 %", "plain text, 100 %")]
    [InlineData("größer als 中文 😀", "größer als 中文 😀")]
    [InlineData("a\\b", "a\\b")]
    [InlineData("a\r\nb", @"a\u{d}\u{a}b")]
    [InlineData("\u001b[2J", @"\u{1b}[2J")]
    [InlineData("a\u202eb", @"a\u{202e}b")]
    [InlineData("a\u2028b", @"a\u{2028}b")]
    [InlineData("a\u009bb", @"a\u{9b}b")]
    public void Text_that_moves_the_cursor_is_escaped_and_other_text_is_not(string text, string line) =>
        Assert.Equal(line, OneLine.Of(text));

    [Fact]
    public void A_lone_surrogate_is_escaped() => Assert.Equal(@"a\u{fffd}b", OneLine.Of("a\ud800b"));

    [Fact]
    public void Long_text_is_cut_off()
    {
        var line = OneLine.Of(new string('a', 5000));

        Assert.Equal(new string('a', 1024) + "…", line);
    }
}
