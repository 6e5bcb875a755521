using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos;

public sealed class NamesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("linux-x64")]
    [InlineData("my.product_2")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void Small_letters_digits_dots_dashes_and_underlines_make_a_name(string name)
    {
        Assert.True(Names.IsValid(name));
        Names.CheckProduct(name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("-a")]
    [InlineData("_a")]
    [InlineData("..")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("ä")]
    [InlineData("aA")]
    [InlineData("a;b")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public void Nothing_else_does(string? name)
    {
        foreach (var check in new Action<string?>[] { Names.CheckProduct, Names.CheckChannel, Names.CheckPlatform,
            Names.CheckId })
            Assert.Equal("NAME_INVALID", Assert.Throws<ChunkOtaException>(() => check(name)).Code);
    }
}
