using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Protos;

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

    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    /// <summary>SHA-256 of the SubjectPublicKeyInfo: 32 bytes, the same for every certificate of one key.</summary>
    public byte[] SpkiSha256 { get; } = SHA256.HashData(Leaf.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>The first host name that the certificate is for; null when it has none.</summary>
    public string? FirstName => Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(names => names.EnumerateDnsNames()).FirstOrDefault(name => !name.StartsWith('*'));

    /// <summary>A fault of the period in which the certificate is valid; null for none.</summary>
    public string? FindWarning(DateTimeOffset now)
    {
        var (from, until) = (Leaf.NotBefore.ToUniversalTime(), Leaf.NotAfter.ToUniversalTime());
        return now.UtcDateTime switch
        {
            var time when time >= until => $"the TLS certificate expired at {until:u}, and clients refuse it",
            var time when time >= until - WarnBefore => $"the TLS certificate expires at {until:u}",
            var time when time < from => $"the TLS certificate is not valid before {from:u}: check the clock",
            _ => null,
        };
    }

    /// <summary>Reads the operator's own certificate.</summary>
    /// <exception cref="SettingsInvalidException">The files do not hold a certificate with its key.</exception>
    public static ServerCertificate FromFiles(string certificateFile, string keyFile)
    {
        try
        {
            var all = new X509Certificate2Collection();
            var pem = ReadText(certificateFile);
            all.ImportFromPem(pem);
            var chain = new X509Certificate2Collection();
            foreach (var intermediate in all.Skip(1)) chain.Add(intermediate);
            if (all.Count != 0) all[0].Dispose();
            return new(X509Certificate2.CreateFromPem(pem, ReadText(keyFile)), chain, IsSelfSigned: false);
        }
        catch (Exception failure)
            when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException
                or ChunkOtaException)
        {
            throw new SettingsInvalidException([$"{TlsSettings.FileKeys} cannot be used: {failure.Message}"]);
        }
    }

    private static string ReadText(string file) => PlainText.Read(File.ReadAllBytes(file), file);

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

    /// <summary>The names of a new self-signed certificate: this machine's and those that the operator adds.</summary>
    public static IReadOnlyList<string> NamesOf(TlsSettings settings) =>
        [.. NeededNamesOf(settings).Append(Environment.MachineName)
            .Where(name => Uri.CheckHostName(name) != UriHostNameType.Unknown)
            .Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The names that a kept certificate must have. The machine's own is not among them: a container has
    /// another one each time, and clients hold a copy of the certificate.</summary>
    public static IReadOnlyList<string> NeededNamesOf(TlsSettings settings) =>
        ["localhost", "127.0.0.1", "::1", .. settings.Names];

    public void Dispose()
    {
        Leaf.Dispose();
        foreach (var certificate in Chain) certificate.Dispose();
    }
}
