using System.Security.Cryptography.X509Certificates;

namespace ChunkOta.Client;

/// <summary>Why the last handshake was refused: the TLS layer itself only says that it was.</summary>
internal sealed class TlsRefusal
{
    private volatile string? _reason;
    private long _expiryTicks;

    /// <summary>The reason, or null when the last certificate was trusted.</summary>
    public string? Reason => _reason;

    /// <summary>When the last certificate that the server showed expires; null before the first.</summary>
    public DateTimeOffset? CertificateExpires => Interlocked.Read(ref _expiryTicks) is not 0 and var ticks
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : null;

    /// <summary>Keeps when a certificate expires.</summary>
    public void See(X509Certificate2? certificate) => Interlocked.Exchange(
        ref _expiryTicks, certificate?.NotAfter.ToUniversalTime().Ticks ?? 0);

    /// <summary>Keeps what the judge said.</summary>
    /// <returns>True when there is no reason to refuse.</returns>
    public bool Note(string? reason)
    {
        _reason = reason;
        return reason is null;
    }
}
