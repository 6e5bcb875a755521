using ChunkOta.Server;

namespace ChunkOta.Tests.Server.Settings;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:7080", "127.0.0.1:7080")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:7443", "[::1]:7443")]
    [InlineData("[::]:0", "[::]:0")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    public void Addresses_are_read(string text, string expected)
    {
        Assert.True(ListenAddress.TryParse(text, out var address));
        Assert.Equal(expected, address.EndPoint?.ToString());
    }

    [Theory]
    [InlineData("off")]
    [InlineData("Off")]
    public void Off_is_no_address(string text)
    {
        Assert.True(ListenAddress.TryParse(text, out var address));
        Assert.True(address.IsOff);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("7080")]
    [InlineData(":7080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("example.org:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    public void Anything_else_is_refused(string? text) => Assert.False(ListenAddress.TryParse(text, out _));
}
