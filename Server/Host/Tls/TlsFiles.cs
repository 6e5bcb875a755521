using System.Security.Cryptography;
using System.Text;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>The TLS key and certificate in the data folder.</summary>
internal static class TlsFiles
{
    /// <summary>The name of its private key there.</summary>
    public const string KeyFile = "tls.key";

    /// <summary>The name of the self-signed certificate in the data folder.</summary>
    public const string CertificateFile = "tls.crt";


    /// <summary>Opens the certificate of the TLS port: the operator's, the kept one, or a new one.</summary>
    /// <remarks>
    /// The key is made once and kept, because agents pin it. The certificate is made again when names are added or it
    /// is about to expire.
    /// </remarks>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: the files cannot be used.</exception>
    public static ServerCertificate Open(DataFolder data, TlsSettings settings, DateTimeOffset now)
    {
        if (settings.Certificate.Length != 0) return ServerCertificate.FromFiles(settings.Certificate, settings.Key);

        var names = ServerCertificate.NamesOf(settings);
        var keyPem = FindText(data, KeyFile);
        if (keyPem is null)
        {
            keyPem = ServerCertificate.MakeKeyPem();
            data.WriteFile(KeyFile, Encoding.ASCII.GetBytes(keyPem));
        }

        if (FindText(data, CertificateFile) is { } kept
            && ServerCertificate.TryUse(kept, keyPem, ServerCertificate.NeededNamesOf(settings), now) is { } usable)
            return usable;

        var certificatePem = MakeCertificate(data, keyPem, names, now);
        data.WriteFile(CertificateFile, Encoding.ASCII.GetBytes(certificatePem));
        return ServerCertificate.TryUse(certificatePem, keyPem, names, now) ?? throw KeyUnusable(data, null);
    }

    private static string MakeCertificate(
        DataFolder data, string keyPem, IReadOnlyList<string> names, DateTimeOffset now)
    {
        try
        {
            return ServerCertificate.MakeCertificatePem(keyPem, names, now);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw KeyUnusable(data, failure);
        }
    }

    private static ChunkOtaException KeyUnusable(DataFolder data, Exception? cause) => new(
        ErrorCodes.ConfigInvalid,
        $"the TLS key cannot be used: {data.PathOf(KeyFile)}: restore it, or remove it to make a new one (devices that "
            + "pin it then need a new install token)",
        cause);

    private static string? FindText(DataFolder data, string name) =>
        data.FindFile(name) is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
}
