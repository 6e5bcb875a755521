using System.Text;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>The TLS key and certificate in the data folder.</summary>
internal static class TlsFiles
{
    private const string KeyFile = "tls.key";
    private const string CertificateFile = "tls.crt";

    /// <summary>The certificate of the TLS port: the operator's, the one made before, or a new one.</summary>
    /// <remarks>
    /// The key is made once and kept, since agents pin it; the certificate is made again when its names no longer cover
    /// what is asked for or its end is near.
    /// </remarks>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: the files that are there cannot be used.</exception>
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
            && ServerCertificate.TryUse(kept, keyPem, names, now) is { } usable)
            return usable;

        var certificatePem = ServerCertificate.MakeCertificatePem(keyPem, names, now);
        data.WriteFile(CertificateFile, Encoding.ASCII.GetBytes(certificatePem));
        return ServerCertificate.TryUse(certificatePem, keyPem, names, now)
            ?? throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"{data.PathOf(KeyFile)} holds no usable private key");
    }

    private static string? FindText(DataFolder data, string name) =>
        data.FindFile(name) is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
}
