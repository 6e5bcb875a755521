namespace ChunkOta.Agent;

/// <summary>The rate of a stage over its last seconds: bytes that an earlier run fetched do not count.</summary>
/// <param name="clock">Times the samples.</param>
internal sealed class TransferRate(TimeProvider clock)
{
    private const int MaxSamples = 10;

    private static readonly TimeSpan SampleTime = TimeSpan.FromSeconds(1);

    private readonly Queue<(long Time, long Bytes)> _samples = [];
    private (long Time, long Bytes) _last;
    private UpdateStage _stage;

    /// <summary>Takes note of progress.</summary>
    /// <returns>Bytes in a second; null while it is too early to tell.</returns>
    public double? Observe(UpdateProgress progress)
    {
        var now = (Time: clock.GetTimestamp(), Bytes: progress.DoneBytes);
        if (progress.Stage != _stage)
        {
            _stage = progress.Stage;
            _samples.Clear();
        }
        if (_samples.Count == 0 || clock.GetElapsedTime(_last.Time, now.Time) >= SampleTime)
        {
            _samples.Enqueue(now);
            _last = now;
            if (_samples.Count > MaxSamples)
                _samples.Dequeue();
        }
        var oldest = _samples.Peek();
        var elapsed = clock.GetElapsedTime(oldest.Time, now.Time);
        return elapsed >= SampleTime ? (now.Bytes - oldest.Bytes) / elapsed.TotalSeconds : null;
    }
}
