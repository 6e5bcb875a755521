using System.Net;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Client;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Client;

public sealed class ServerTrustTests
{
    [Fact]
    public async Task A_pinned_key_is_believed_though_no_authority_signed_it()
    {
        using var certificate = CallServer.Certificate("localhost");

        await CallAsync(certificate, ServerTrust.Pinned(CallServer.SpkiSha256(certificate)));
    }

    [Fact]
    public async Task Another_key_than_the_pinned_one_is_refused()
    {
        using var certificate = CallServer.Certificate("localhost");
        using var other = CallServer.Certificate("localhost");

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(
            () => CallAsync(certificate, ServerTrust.Pinned(CallServer.SpkiSha256(other))));

        Assert.Equal("TLS_REFUSED", refused.Code);
        Assert.Contains("not the pinned one", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-10, -1)]
    [InlineData(1, 10)]
    public async Task A_pinned_key_is_refused_outside_its_certificates_dates(int fromDays, int toDays)
    {
        using var certificate = CallServer.Certificate("localhost", null, fromDays, toDays);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(
            () => CallAsync(certificate, ServerTrust.Pinned(CallServer.SpkiSha256(certificate))));

        Assert.Equal("TLS_REFUSED", refused.Code);
        Assert.Contains("is valid from", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pinned_key_is_refused_under_another_host_name()
    {
        using var certificate = CallServer.Certificate("ota.example.org");

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(
            () => CallAsync(certificate, ServerTrust.Pinned(CallServer.SpkiSha256(certificate))));

        Assert.Equal("TLS_REFUSED", refused.Code);
        Assert.Contains("ota.example.org", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_an_address_serves_that_address()
    {
        using var certificate = CallServer.Certificate("elsewhere", IPAddress.Loopback);

        await CallAsync(certificate, ServerTrust.Pinned(CallServer.SpkiSha256(certificate)), "127.0.0.1");
    }

    [Fact]
    public async Task A_certificate_in_the_file_is_believed()
    {
        using var certificate = CallServer.Certificate("localhost");
        using var file = new PemFile(certificate);

        await CallAsync(certificate, ServerTrust.FromFile(file.Path));
    }

    [Fact]
    public async Task A_certificate_that_the_file_does_not_vouch_for_is_refused()
    {
        using var certificate = CallServer.Certificate("localhost");
        using var other = CallServer.Certificate("localhost");
        using var file = new PemFile(other);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(
            () => CallAsync(certificate, ServerTrust.FromFile(file.Path)));

        Assert.Equal("TLS_REFUSED", refused.Code);
    }

    [Fact]
    public async Task A_self_signed_certificate_is_refused_by_the_systems_trust()
    {
        using var certificate = CallServer.Certificate("localhost");

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => CallAsync(certificate, ServerTrust.System));

        Assert.Equal("TLS_REFUSED", refused.Code);
    }

    [Fact]
    public void A_file_without_a_certificate_is_a_configuration_error()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        Assert.Equal("CONFIG_INVALID", Assert.Throws<ChunkOtaException>(() => ServerTrust.FromFile(path)).Code);
        File.WriteAllText(path, "not a certificate");
        Assert.Equal("CONFIG_INVALID", Assert.Throws<ChunkOtaException>(() => ServerTrust.FromFile(path)).Code);
        File.Delete(path);
    }

    private static async Task CallAsync(X509Certificate2 certificate, ServerTrust trust, string host = "localhost")
    {
        await using var server = await CallServer.StartAsync(new CallServer.Answers(), certificate);
        using var connection = ServerConnection.Open(ServerAddress.Parse($"https://{host}:{server.Uri.Port}"), trust,
            new WireMeter(), new AnonymousAuthorization());
        await new Administration.AdministrationClient(connection.Invoker).GetServerAsync(new GetServerRequest());
    }

    private sealed class PemFile : IDisposable
    {
        public PemFile(X509Certificate2 certificate) => File.WriteAllText(Path, certificate.ExportCertificatePem());

        public string Path { get; } = System.IO.Path.Combine(
            System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

        public void Dispose() => File.Delete(Path);
    }
}
