using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Networks;

/// <summary>The certificate of a server, in the files that its settings name, and the authority that issues it.
/// </summary>
internal sealed class ServerCertificates : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly X509Certificate2 _authority;

    public ServerCertificates()
    {
        _authority = Authority("CN=authority");
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
        Write("good");
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile => _folder["ca.crt"];

    /// <summary>The server's settings.</summary>
    public string[] Settings => [$"Tls:Certificate={_folder["tls.crt"]}", $"Tls:Key={_folder["tls.key"]}"];

    /// <summary>Writes a certificate of a kind: good, other name, expired, self-signed or other authority.</summary>
    public void Write(string kind)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = kind == "other name" ? "other.example.com" : "localhost";
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var (from, to) = (_now.AddDays(-20), _now.AddDays(kind == "expired" ? -1 : 9));
        using var other = kind == "other authority" ? Authority("CN=other authority") : null;
        using var certificate = kind == "self-signed"
            ? request.CreateSelfSigned(from, to)
            : request.Create(other ?? _authority, from, to, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder["tls.crt"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder["tls.key"], key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(_folder["tls.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(_now.AddDays(-30), _now.AddDays(30));
    }
}
