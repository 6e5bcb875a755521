using ChunkOta.Client;

namespace ChunkOta.Tests.Protos.Client;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:7080", "127.0.0.1:7080")]
    [InlineData("http://127.9.9.9:1", "127.9.9.9:1")]
    [InlineData("http://localhost:7080/", "localhost:7080")]
    [InlineData("http://[::1]:7080", "[::1]:7080")]
    [InlineData("https://ota.example.org", "ota.example.org")]
    [InlineData("https://ota.example.org:443", "ota.example.org")]
    [InlineData("https://OTA.example.org:7443", "ota.example.org:7443")]
    public void An_address_says_the_authority_its_calls_bear(string url, string authority)
    {
        var address = ServerAddress.Parse(url);

        Assert.Equal(authority, address.Authority);
    }

    [Theory]
    [InlineData("http://ota.example.org")]
    [InlineData("http://10.0.0.1:7080")]
    [InlineData("http://localhost.example.org:7080")]
    [InlineData("http://127.0.0.1.example.org:7080")]
    [InlineData("http://[::2]:7080")]
    public void Plaintext_to_another_machine_is_refused_unless_it_is_meant(string url)
    {
        var refused = Assert.Throws<ChunkOtaException>(() => ServerAddress.Parse(url));

        Assert.Equal("PLAINTEXT_REFUSED", refused.Code);
        Assert.False(ServerAddress.Parse(url, allowPlaintext: true).UsesTls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ota.example.org")]
    [InlineData("ota.example.org:7443")]
    [InlineData("ftp://ota.example.org")]
    [InlineData("/var/run/ota.sock")]
    [InlineData("https://")]
    [InlineData("https://ota.example.org/sub")]
    [InlineData("https://ota.example.org/?a=b")]
    [InlineData("https://user:secret@ota.example.org")]
    public void Anything_but_scheme_host_and_port_is_a_configuration_error(string url)
    {
        var refused = Assert.Throws<ChunkOtaException>(() => ServerAddress.Parse(url));

        Assert.Equal("CONFIG_INVALID", refused.Code);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }
}
