using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChunkOta.Client;

/// <summary>The system's certificate authorities, looked for where distributions keep them.</summary>
/// <remarks>
/// A statically linked OpenSSL looks in the directory it was built for and nowhere else, which on most systems is
/// empty; there the platform trusts nobody, and this list is what makes the system's trust work.
/// </remarks>
public static class SystemAuthorities
{
    private const string FileVariable = "SSL_CERT_FILE";
    private const string FolderVariable = "SSL_CERT_DIR";

    private static volatile Loaded? _last;

    private static readonly string[] Bundles =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/usr/local/share/certs/ca-root-nss.crt",
    ];

    /// <summary>Keeps the runtime from reading the system's authorities. It would read them at the first handshake,
    /// whoever is trusted, which costs a process 60 ms and 2 MB; <see cref="ServerTrust"/> reads them where they are
    /// asked for.</summary>
    /// <remarks>For a program at its start; it changes the whole process.</remarks>
    /// <param name="setForNativeCode">Sets an environment variable for native code alone.</param>
    public static void KeepFromRuntime(Action<string, string> setForNativeCode)
    {
        ArgumentNullException.ThrowIfNull(setForNativeCode);
        setForNativeCode(FileVariable, "/dev/null");
        setForNativeCode(FolderVariable, "/dev/null");
    }

    /// <summary>The first bundle there is, <c>SSL_CERT_FILE</c> before all, and the files of <c>SSL_CERT_DIR</c>; empty
    /// when there is none. They are read again when the bundle has changed.</summary>
    internal static X509Certificate2Collection Load()
    {
        X509Certificate2Collection certificates = [];
        foreach (var path in Bundles.Prepend(Environment.GetEnvironmentVariable(FileVariable)))
        {
            if (path is null || !File.Exists(path))
                continue;
            var written = File.GetLastWriteTimeUtc(path);
            if (_last is { } last && last.Path == path && last.Written == written)
                return last.Certificates;
            Import(certificates, path);
            if (certificates.Count == 0)
                continue;
            ImportFolders(certificates);
            _last = new Loaded(path, written, certificates);
            return certificates;
        }

        ImportFolders(certificates);
        return certificates;
    }

    private static void ImportFolders(X509Certificate2Collection certificates)
    {
        foreach (var folder in (Environment.GetEnvironmentVariable(FolderVariable) ?? "").Split(':'))
        {
            if (!Directory.Exists(folder))
                continue;
            foreach (var path in Directory.GetFiles(folder))
            {
                try
                {
                    Import(certificates, path);
                }
                catch (ChunkOtaException)
                {
                    // A folder may hold other files as well.
                }
            }
        }
    }

    private static void Import(X509Certificate2Collection certificates, string path)
    {
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ChunkOtaException(
                ErrorCodes.TlsRefused, $"cannot read the system's authorities from '{path}': {e.Message}", e);
        }
    }

    private sealed record Loaded(string Path, DateTime Written, X509Certificate2Collection Certificates);
}
