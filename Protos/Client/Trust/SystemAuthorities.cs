using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChunkOta.Client;

/// <summary>The system's certificate authorities, looked for where distributions keep them.</summary>
/// <remarks>
/// A statically linked OpenSSL looks in the directory it was built for and nowhere else, which on most systems is
/// empty; there the platform trusts nobody, and this list is what makes the system's trust work.
/// </remarks>
internal static class SystemAuthorities
{
    private static readonly string[] Bundles =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/usr/local/share/certs/ca-root-nss.crt",
    ];

    /// <summary>The first bundle there is, <c>SSL_CERT_FILE</c> before all; empty when there is none.</summary>
    public static X509Certificate2Collection Load()
    {
        X509Certificate2Collection certificates = [];
        foreach (var path in Bundles.Prepend(Environment.GetEnvironmentVariable("SSL_CERT_FILE")))
        {
            if (path is null || !File.Exists(path))
                continue;
            try
            {
                certificates.ImportFromPemFile(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new ChunkOtaException(
                    ErrorCodes.TlsRefused, $"cannot read the system's authorities from '{path}': {e.Message}", e);
            }

            if (certificates.Count > 0)
                break;
        }

        return certificates;
    }
}
