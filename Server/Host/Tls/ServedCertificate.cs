using System.Net.Security;
using System.Security.Authentication;

namespace ChunkOta.Server;

/// <summary>The certificate that new TLS connections get, which can be replaced while the server runs.</summary>
/// <remarks>Any number of threads at once. A replaced certificate is left to the garbage collector, because handshakes
/// may still use it.</remarks>
internal sealed class ServedCertificate : IDisposable
{
    private readonly Func<ServerCertificate> _open;
    private volatile Served _served;

    /// <param name="open">Opens the certificate, again for each reload.</param>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it cannot be used.</exception>
    public ServedCertificate(Func<ServerCertificate> open) => (_open, _served) = (open, new Served(open()));

    /// <summary>The certificate in use.</summary>
    public ServerCertificate Current => _served.Certificate;

    /// <summary>The options of a new TLS connection.</summary>
    public SslServerAuthenticationOptions Options => _served.Options;

    /// <summary>Opens the certificate again; on failure the one in use stays.</summary>
    /// <returns>True when it is another one.</returns>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it cannot be used.</exception>
    public bool Reload()
    {
        var next = new Served(_open());
        var isOther = next.Certificate.Leaf.Thumbprint != Current.Leaf.Thumbprint;
        _served = next;
        return isOther;
    }

    public void Dispose() => Current.Dispose();

    private sealed class Served(ServerCertificate certificate)
    {
        public ServerCertificate Certificate => certificate;

        public SslServerAuthenticationOptions Options { get; } = new()
        {
            // Offline: a server start must not depend on what a certificate tells it to download.
            ServerCertificateContext = SslStreamCertificateContext.Create(
                certificate.Leaf, certificate.Chain, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
    }
}
