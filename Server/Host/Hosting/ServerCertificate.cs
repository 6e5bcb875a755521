using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChunkOta.Server;

/// <summary>The certificate of the TLS port with its private key.</summary>
/// <param name="Leaf">The certificate itself, which this owns.</param>
/// <param name="Chain">Intermediate certificates to send; empty when self-signed.</param>
/// <param name="IsSelfSigned">True when the server made it: install tokens then carry <see cref="SpkiSha256"/>, which
/// agents pin.</param>
internal sealed record ServerCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain, bool IsSelfSigned)
    : IDisposable
{
    private const int Years = 10;

    /// <summary>SHA-256 of the SubjectPublicKeyInfo: 32 bytes, the same for every certificate of one key.</summary>
    public byte[] SpkiSha256 { get; } = SHA256.HashData(Leaf.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Reads the operator's own certificate.</summary>
    /// <exception cref="SettingsInvalidException">The files do not hold a certificate with its key.</exception>
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
            throw new SettingsInvalidException([$"{TlsSettings.FileKeys} cannot be used: {failure.Message}"]);
        }
    }

    /// <summary>Makes a private key: P-256, PKCS#8 as PEM.</summary>
    public static string MakeKeyPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Makes a self-signed certificate for ten years and the given names.</summary>
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

    /// <summary>Reads a certificate and its key; null if it lacks a name, expires within 30 days or cannot be
    /// read.</summary>
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

    /// <summary>The names of a self-signed certificate: this machine's and those that the operator adds.</summary>
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
