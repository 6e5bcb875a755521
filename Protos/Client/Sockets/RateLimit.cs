namespace ChunkOta.Client;

/// <summary>Spaces bytes out so that no more than a number of them go in a second. Thread-safe.</summary>
/// <param name="bytesPerSecond">At least 1.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class RateLimit(long bytesPerSecond, TimeProvider clock)
{
    private const int MinPieceBytes = 512;
    private const int MaxPieceBytes = 64 * 1024;
    private const int PiecesPerSecond = 20;

    private readonly Lock _lock = new();
    private long _paid = clock.GetTimestamp();

    /// <summary>The most bytes to send at once: short pauses keep a connection alive, long ones would not.</summary>
    public int PieceBytes { get; } = (int)Math.Clamp(bytesPerSecond / PiecesPerSecond, MinPieceBytes, MaxPieceBytes);

    /// <summary>Waits until all bytes before these have had their time.</summary>
    public Task WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var start = Math.Max(now, _paid);
            _paid = start + (long)((double)bytes / bytesPerSecond * clock.TimestampFrequency);
            wait = clock.GetElapsedTime(now, start);
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;
    }
}

/// <summary>A limit for what all connections of a process receive together. Thread-safe.</summary>
/// <param name="bytesPerSecond">The most bytes in a second, at least 1.</param>
/// <param name="applies">Tells whether the limit applies now; asked at every read.</param>
/// <param name="clock">Measures the time.</param>
public sealed class DownloadLimit(long bytesPerSecond, Func<bool> applies, TimeProvider clock)
{
    private const int MinWindowBytes = 64 * 1024 - 1;
    private const int MaxWindowBytes = 1024 * 1024;
    private const int WindowSeconds = 5;

    private readonly RateLimit _rate = new(bytesPerSecond, clock);

    /// <summary>The bytes that a server may send ahead: no more than a few seconds' worth, because the answer to a ping
    /// comes behind them.</summary>
    internal int WindowBytes => (int)Math.Clamp(bytesPerSecond * WindowSeconds, MinWindowBytes, MaxWindowBytes);

    /// <summary>The most bytes to read at once.</summary>
    internal int PieceBytes => _rate.PieceBytes;

    /// <summary>Waits until all bytes before these have had their time.</summary>
    internal Task WaitAsync(int bytes, CancellationToken cancellationToken) =>
        applies() ? _rate.WaitAsync(bytes, cancellationToken) : Task.CompletedTask;
}
