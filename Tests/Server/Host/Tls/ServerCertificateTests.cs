using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Durable;
using ChunkOta.Server;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Tls;

public sealed class ServerCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_self_signed_certificate_is_for_this_machine_for_ten_years()
    {
        using var data = DataFolder.Open(_folder.Path);

        using var certificate = TlsFiles.Open(data, new TlsSettings { Names = ["ota.example", "192.0.2.7"] }, Now);

        Assert.True(certificate.IsSelfSigned);
        Assert.All(
            ["localhost", "127.0.0.1", "::1", "ota.example", "192.0.2.7"],
            name => Assert.True(certificate.Leaf.MatchesHostname(name), name));
        Assert.False(certificate.Leaf.MatchesHostname("other.example"));
        Assert.Equal(Now.AddYears(10).UtcDateTime, certificate.Leaf.NotAfter.ToUniversalTime());
        Assert.Equal(
            "1.2.840.10045.3.1.7", certificate.Leaf.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
    }

    [Fact]
    public void The_pin_is_the_hash_of_the_public_key_as_openssl_says()
    {
        using var data = DataFolder.Open(_folder.Path);
        using var certificate = TlsFiles.Open(data, new TlsSettings(), Now);

        var spki = certificate.Leaf.PublicKey.ExportSubjectPublicKeyInfo();

        Assert.Equal(SHA256.HashData(spki), certificate.SpkiSha256);
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(_folder["tls.key"]));
        Assert.Equal(spki, key.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void The_next_start_uses_the_same_certificate()
    {
        using var data = DataFolder.Open(_folder.Path);
        using var first = TlsFiles.Open(data, new TlsSettings(), Now);

        using var second = TlsFiles.Open(data, new TlsSettings(), Now.AddYears(1));

        Assert.Equal(first.Leaf.Thumbprint, second.Leaf.Thumbprint);
    }

    [Theory]
    [InlineData("new.example", 0)]
    [InlineData("localhost", 10)]
    public void Other_names_or_a_near_end_make_another_certificate_of_the_same_key(string name, int yearsLater)
    {
        using var data = DataFolder.Open(_folder.Path);
        using var first = TlsFiles.Open(data, new TlsSettings(), Now);

        using var second =
            TlsFiles.Open(data, new TlsSettings { Names = [name] }, Now.AddYears(yearsLater).AddDays(-1));

        Assert.NotEqual(first.Leaf.Thumbprint, second.Leaf.Thumbprint);
        Assert.Equal(first.SpkiSha256, second.SpkiSha256);
    }

    [Fact]
    public void The_key_and_the_folder_are_the_owners_alone()
    {
        var folder = _folder["data"];
        using var data = DataFolder.Open(folder);
        using var certificate = TlsFiles.Open(data, new TlsSettings(), Now);

        Assert.True(Fs.FindStatus(Path.Combine(folder, "tls.key"))!.Value.Has(Permissions.Private));
        Assert.True(Fs.FindStatus(folder)!.Value.Has(Permissions.PrivateDirectory));
    }

    [Fact]
    public void The_operators_own_certificate_is_taken_and_not_pinned()
    {
        var (certificateFile, keyFile) = (_folder["own.crt"], _folder["own.key"]);
        var key = ServerCertificate.MakeKeyPem();
        File.WriteAllText(keyFile, key);
        File.WriteAllText(certificateFile, ServerCertificate.MakeCertificatePem(key, ["own.example"], Now));
        using var data = DataFolder.Open(_folder["data"]);

        using var certificate =
            TlsFiles.Open(data, new TlsSettings { Certificate = certificateFile, Key = keyFile }, Now);

        Assert.False(certificate.IsSelfSigned);
        Assert.True(certificate.Leaf.MatchesHostname("own.example"));
    }

    [Fact]
    public void A_certificate_with_the_key_of_another_is_refused()
    {
        var (certificateFile, keyFile) = (_folder["own.crt"], _folder["own.key"]);
        File.WriteAllText(keyFile, ServerCertificate.MakeKeyPem());
        File.WriteAllText(
            certificateFile,
            ServerCertificate.MakeCertificatePem(ServerCertificate.MakeKeyPem(), ["own.example"], Now));

        var failure =
            Assert.Throws<SettingsInvalidException>(() => ServerCertificate.FromFiles(certificateFile, keyFile));

        Assert.Equal("CONFIG_INVALID", failure.Code);
    }

    [Fact]
    public void The_operators_files_may_have_a_mark_and_CRLF_and_are_refused_in_UTF16()
    {
        var (certificateFile, keyFile) = (_folder["marked.crt"], _folder["marked.key"]);
        var key = ServerCertificate.MakeKeyPem();
        var certificate = ServerCertificate.MakeCertificatePem(key, ["own.example"], Now);
        File.WriteAllText(certificateFile, "\ufeff" + certificate.Replace("\n", "\r\n", StringComparison.Ordinal));
        File.WriteAllText(keyFile, "\ufeff" + key.Replace("\n", "\r\n", StringComparison.Ordinal));

        using (var own = ServerCertificate.FromFiles(certificateFile, keyFile))
            Assert.Equal("own.example", own.FirstName);
        File.WriteAllText(keyFile, key, System.Text.Encoding.Unicode);
        var failure =
            Assert.Throws<SettingsInvalidException>(() => ServerCertificate.FromFiles(certificateFile, keyFile));

        Assert.Contains("marked.key: it is UTF-16", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_server_on_the_same_folder_is_refused()
    {
        using var data = DataFolder.Open(_folder.Path);

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => DataFolder.Open(_folder.Path));

        Assert.Equal("BUSY", failure.Code);
    }
}
