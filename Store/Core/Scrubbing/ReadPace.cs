namespace ChunkOta.Storage;

/// <summary>Slows reads down to a rate. One caller at a time.</summary>
/// <param name="bytesPerSecond">The rate.</param>
/// <param name="clock">Measures time.</param>
internal sealed class ReadPace(long bytesPerSecond, TimeProvider clock)
{
    private long _last = clock.GetTimestamp();
    private double _debtSeconds;

    /// <summary>Waits until the bytes that were read fit the rate. Time without reads gives no credit.</summary>
    public async Task WaitAsync(long readBytes, CancellationToken cancellationToken)
    {
        var now = clock.GetTimestamp();
        _debtSeconds = Math.Max(0, _debtSeconds - clock.GetElapsedTime(_last, now).TotalSeconds);
        _debtSeconds += (double)readBytes / bytesPerSecond;
        _last = now;
        // A shorter wait costs more than it slows down.
        if (_debtSeconds > 0.05)
            await Task.Delay(TimeSpan.FromSeconds(_debtSeconds), clock, cancellationToken).ConfigureAwait(false);
    }
}
