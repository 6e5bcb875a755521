using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChunkOta.Server;

/// <summary>The certificate of the TLS port with its private key, and what agents pin of it.</summary>
/// <param name="Leaf">Owned by this.</param>
/// <param name="Chain">Intermediate certificates to send along; empty when self-signed.</param>
/// <param name="IsSelfSigned">The server made it: install tokens carry <see cref="SpkiSha256"/>,
/// so that agents trust it.</param>
internal sealed record ServerCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain, bool IsSelfSigned)
    : IDisposable
{
    private const int Years = 10;

    /// <summary>SHA-256 of the SubjectPublicKeyInfo: 32 bytes, the same for
    /// every certificate of the same key.</summary>
    public byte[] SpkiSha256 { get; } = SHA256.HashData(Leaf.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Reads the operator's own.</summary>
    /// <exception cref="SettingsInvalidException">The files hold no certificate with its key.</exception>
    public static ServerCertificate FromFiles(string certificateFile, string keyFile)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(certificateFile);
            var chain = new X509Certificate2Collection();
            foreach (var intermediate in all.Skip(1)) chain.Add(intermediate);
            if (all.Count != 0) all[0].Dispose();
            return new(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), chain, IsSelfSigned: false);
        }
        catch (Exception failure)
            when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingsInvalidException([$"Tls:Certificate and Tls:Key cannot be used: {failure.Message}"]);
        }
    }

    /// <summary>Makes a private key: P-256, PKCS#8 as PEM.</summary>
    public static string MakeKeyPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Makes a certificate that the key signs itself, for ten years and for the names given.</summary>
    public static string MakeCertificatePem(string keyPem, IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(keyPem);

        var request = new CertificateRequest("CN=ChunkOta server", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        return certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>The certificate of the two PEM texts if it can serve all names
    /// until well after now, else null.</summary>
    public static ServerCertificate? TryUse(
        string certificatePem, string keyPem, IReadOnlyList<string> names, DateTimeOffset now)
    {
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return null;
        }

        if (leaf.NotAfter.ToUniversalTime() > now.UtcDateTime.AddDays(30)
            && names.All(name => leaf.MatchesHostname(name)))
            return new(leaf, [], IsSelfSigned: true);
        leaf.Dispose();
        return null;
    }

    /// <summary>What every self-signed certificate is for: this machine, and
    /// the names that the operator adds.</summary>
    public static IReadOnlyList<string> NamesOf(TlsSettings settings) =>
        [.. new[] { "localhost", "127.0.0.1", "::1", Environment.MachineName }.Concat(settings.Names)
            .Where(name => Uri.CheckHostName(name) != UriHostNameType.Unknown)
            .Distinct(StringComparer.OrdinalIgnoreCase)];

    public void Dispose()
    {
        Leaf.Dispose();
        foreach (var certificate in Chain) certificate.Dispose();
    }
}
