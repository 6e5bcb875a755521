using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Client;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The means by which a device verifies its server: one TLS key, authorities that it was given, or those of
/// the system. Only this machine's operator decides that, never what a server says.</summary>
/// <param name="SpkiSha256">SHA-256 of the server's TLS key, hex; null where no key is pinned.</param>
/// <param name="CaPem">The authorities in PEM; null where none were given. They come before a pin.</param>
internal sealed record ServerIdentity(string? SpkiSha256, string? CaPem)
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>The authorities of the system.</summary>
    public static ServerIdentity System { get; } = new(null, null);

    /// <summary>The identity that a device trusts so far.</summary>
    public static ServerIdentity Of(TrustRecord trust) => new(trust.SpkiSha256, trust.CaPem);

    /// <summary>The identity that an install token tells; one that pins no key leaves given authorities as they are.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="known">The trust state so far, if any.</param>
    public static ServerIdentity Of(InstallToken token, TrustRecord? known) => token.PinsServer
        ? new ServerIdentity(Convert.ToHexStringLower(token.SpkiSha256.Span), null)
        : System with { CaPem = known?.CaPem };

    /// <summary>The identity by a file of authorities; the file is read now and not needed again.</summary>
    /// <param name="path">A PEM file of certificates; anything else in it, such as a key, is left out.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it cannot be read, or has no certificate.</exception>
    public static ServerIdentity OfFile(string path)
    {
        try
        {
            // Read rather than asked for its length: a pipe such as <(command) has none.
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxFileBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxFileBytes)
            {
                throw new ChunkOtaException(
                    ErrorCodes.ConfigInvalid, $"'{path}' is too long to be certificates: it has more than 1 MB");
            }
            var certificates = Parse(PlainText.Read(bytes.AsSpan(0, length), path));
            return certificates.Count > 0
                ? new ServerIdentity(null, certificates.ExportCertificatePems())
                : throw new ChunkOtaException(ErrorCodes.ConfigInvalid, $"'{path}' holds no PEM certificate");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"cannot read certificates from '{path}': {e.Message}", e);
        }
    }

    /// <summary>The judge of the server's certificate.</summary>
    /// <param name="product">The product, for messages.</param>
    /// <param name="clock">Judges the dates of a pinned certificate.</param>
    public ServerTrust ToTrust(string product, TimeProvider clock) => this switch
    {
        { CaPem: { } pem } => ServerTrust.FromPem(pem, $"the --ca file given for {product}"),
        { SpkiSha256: { } pin } => ServerTrust.Pinned(Convert.FromHexString(pin), clock),
        _ => ServerTrust.System,
    };

    /// <summary>Returns the trust state with this identity.</summary>
    public TrustRecord ApplyTo(TrustRecord trust) => trust with { SpkiSha256 = SpkiSha256, CaPem = CaPem };

    /// <summary>Describes the identity for people and programs.</summary>
    public ServerTrustSummary ToSummary() => this switch
    {
        { CaPem: { } pem } => new(ServerTrustKind.Authorities, null, [.. Parse(pem).Select(NameOf)]),
        { SpkiSha256: { } pin } => new(ServerTrustKind.Key, pin, []),
        _ => new(ServerTrustKind.System, null, []),
    };

    private static X509Certificate2Collection Parse(string pem)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPem(pem);
        return certificates;
    }

    private static string NameOf(X509Certificate2 certificate) => string.Create(
        CultureInfo.InvariantCulture,
        $"{OneLine.Of(certificate.Subject)}, until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
}
