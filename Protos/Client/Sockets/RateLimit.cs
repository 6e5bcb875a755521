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
