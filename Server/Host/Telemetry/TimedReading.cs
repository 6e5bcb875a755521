namespace ChunkOta.Server;

/// <summary>Reads something again and again, each time on a thread of its own and within a time limit: a disk that
/// hangs keeps the thread, whatever it is told.</summary>
/// <remarks>A reading that hangs is waited for, never begun a second time. One caller at a time.</remarks>
/// <param name="limit">The longest wait for a reading.</param>
/// <param name="clock">Measures it.</param>
internal sealed class TimedReading<T>(TimeSpan limit, TimeProvider clock)
{
    private Task<T>? _last;

    /// <summary>Reads; a reading that an earlier call has left is waited for instead.</summary>
    /// <param name="read">The reading.</param>
    /// <param name="failed">What a failed or late reading counts as.</param>
    public async Task<T> ReadAsync(
        Func<CancellationToken, Task<T>> read, T failed, CancellationToken cancellationToken)
    {
        if (_last is not { IsCompleted: false })
            _last = Task.Run(() => read(cancellationToken), cancellationToken);
        try
        {
            return await _last.WaitAsync(limit, clock, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure: one that left its caller would stop the server.
            return failed;
        }
    }
}
