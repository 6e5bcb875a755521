namespace ChunkOta.Client;

/// <summary>Counts every byte that a command's connections send and receive: what the network really carries.</summary>
/// <remarks>
/// It is read below TLS and HTTP/2, at the socket: handshakes, headers, frames, pings and refused calls are all in it;
/// the kernel's own TCP and IP headers are not. Any number of connections may share a meter. Thread-safe.
/// </remarks>
public sealed class WireMeter
{
    private long _up;
    private long _down;

    /// <summary>Spaces out what is sent from now on; null for no limit.</summary>
    internal RateLimit? UpLimit { get; private set; }

    /// <summary>Spaces out what is received; null for no limit.</summary>
    public DownloadLimit? DownLimit { get; init; }

    /// <summary>Bytes handed to the sockets so far.</summary>
    public long Up => Interlocked.Read(ref _up);

    /// <summary>Bytes received from the sockets so far.</summary>
    public long Down => Interlocked.Read(ref _down);

    /// <summary>Sends no more than this from now on, whatever connection it is for.</summary>
    /// <param name="bytesPerSecond">At least 1.</param>
    /// <param name="clock">Measures the time.</param>
    public void LimitUp(long bytesPerSecond, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        ArgumentNullException.ThrowIfNull(clock);
        UpLimit = new RateLimit(bytesPerSecond, clock);
    }

    internal void AddUp(int bytes) => Interlocked.Add(ref _up, bytes);

    internal void AddDown(int bytes) => Interlocked.Add(ref _down, bytes);
}
