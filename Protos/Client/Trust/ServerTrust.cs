using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Protos;

namespace ChunkOta.Client;

/// <summary>The TLS certificates that are trusted as the server's.</summary>
/// <remarks>
/// Three ways: the system's authorities, those of a file (<c>--ca</c>), or one pinned key. Name and dates must be right
/// in all of them. A pin is the key's and not an authority's, because the server sends its own certificate alone.
/// </remarks>
public abstract class ServerTrust
{
    /// <summary>The number of a certificate's names that a refusal lists.</summary>
    private const int NamesShown = 8;

    private protected ServerTrust()
    {
    }

    /// <summary>The authorities that this system trusts.</summary>
    public static ServerTrust System { get; } = new AuthoritiesTrust(SystemAuthorities.Load);

    /// <summary>The authorities (or the server's own certificate) in a PEM file, and no others.</summary>
    /// <param name="path">A PEM file of one or more certificates. It is read now.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: no such file, not UTF-8, or no certificate in
    /// it.</exception>
    public static ServerTrust FromFile(string path)
    {
        string pem;
        try
        {
            pem = PlainText.Read(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"cannot read certificates from '{path}': {e.Message}", e);
        }

        return FromPem(pem, path);
    }

    /// <summary>The authorities (or the server's own certificate) in PEM text, and no others.</summary>
    /// <param name="pem">One or more certificates.</param>
    /// <param name="source">Where the text is from, for messages.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: no certificate in it.</exception>
    public static ServerTrust FromPem(string pem, string source)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"cannot read certificates from '{source}': {e.Message}", e);
        }

        return certificates.Count > 0
            ? new AuthoritiesTrust(() => certificates, source)
            : throw new ChunkOtaException(ErrorCodes.ConfigInvalid, $"'{source}' holds no PEM certificate");
    }

    /// <summary>The one key whose SubjectPublicKeyInfo has this SHA-256.</summary>
    /// <param name="spkiSha256">32 bytes, as in an install token.</param>
    /// <param name="clock">What the certificate's dates are held against; the system's when null.</param>
    public static ServerTrust Pinned(ReadOnlySpan<byte> spkiSha256, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(spkiSha256.Length, SHA256.HashSizeInBytes);
        return new PinnedTrust(spkiSha256.ToArray(), clock ?? TimeProvider.System);
    }

    /// <summary>The reason why the certificate is refused, for the operator; null when it is trusted.</summary>
    internal string? Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "the server shows no certificate";
        var reason = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? $"its certificate is not for this host name ({NamesOf(certificate)}): use one of its names"
            : JudgeKey(certificate, chain, errors);
        return reason is null ? null : $"{reason} (seen: {Describe(certificate)})";
    }

    private static string Describe(X509Certificate2 certificate) =>
        $"subject {certificate.Subject}, issuer {certificate.Issuer}, SHA-256 fingerprint "
        + Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));

    private protected abstract string? JudgeKey(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors);

    private static string NamesOf(X509Certificate2 certificate)
    {
        var all = new List<string>();
        foreach (var extension in certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension names)
                continue;
            all.AddRange(names.EnumerateDnsNames());
            all.AddRange(names.EnumerateIPAddresses().Select(address => address.ToString()));
        }
        return string.Join(", ", all[..Math.Min(all.Count, NamesShown)]);
    }

    private sealed class PinnedTrust(byte[] spkiSha256, TimeProvider clock) : ServerTrust
    {
        private protected override string? JudgeKey(
            X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            var actual = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
            if (!CryptographicOperations.FixedTimeEquals(actual, spkiSha256))
            {
                return $"its TLS key sha256:{Convert.ToHexStringLower(actual)} is not the pinned one, "
                    + $"sha256:{Convert.ToHexStringLower(spkiSha256)}";
            }
            var now = clock.GetUtcNow().UtcDateTime;
            return now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime()
                ? $"its certificate is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only"
                : null;
        }
    }

    private sealed class AuthoritiesTrust(Func<X509Certificate2Collection> load, string? source = null)
        : ServerTrust
    {
        private protected override string? JudgeKey(
            X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors == SslPolicyErrors.None && source is null)
                return null;
            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.CustomTrustStore.AddRange(load());
            own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            own.ChainPolicy.DisableCertificateDownloads = true;
            own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
            if (chain is not null)
                own.ChainPolicy.ExtraStore.AddRange(
                    chain.ChainElements.Select(element => element.Certificate).ToArray());
            if (own.Build(certificate))
                return null;
            var status = string.Join(", ", Array.ConvertAll(own.ChainStatus, status => status.Status));
            return source is null
                ? $"no authority of this system vouches for its certificate ({status}): give its authority's PEM file, "
                    + "or a copy of the server's tls.crt, by --ca"
                : $"'{source}' does not vouch for its certificate ({status}): give its authority's PEM file, or a "
                    + "fresh copy of the server's tls.crt, by --ca";
        }
    }
}
