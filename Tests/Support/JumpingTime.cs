namespace ChunkOta.Tests.Support;

/// <summary>A clock that jumps to the end of every wait.</summary>
public sealed class JumpingTime : TimeProvider
{
    private long _ticks;

    public TimeSpan Elapsed => TimeSpan.FromTicks(_ticks);

    public TimeSpan LongestWait { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        LongestWait = dueTime > LongestWait ? dueTime : LongestWait;
        _ticks += Math.Max(0, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
