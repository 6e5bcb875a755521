namespace ChunkOta.Storage;

/// <summary>The slowest upload that is waited for. Pure.</summary>
/// <param name="Idle">The longest pause between two messages.</param>
/// <param name="LeastBytesPerSecond">The least average rate, over the time that is spent waiting for the caller; at
/// least 1.</param>
public readonly record struct UploadPace(TimeSpan Idle, int LeastBytesPerSecond)
{
    /// <summary>Tells whether an upload is to be ended.</summary>
    /// <param name="pause">The time since the last message.</param>
    /// <param name="waited">Time spent waiting before that.</param>
    /// <param name="bytes">Bytes that came.</param>
    public bool IsTooSlow(TimeSpan pause, TimeSpan waited, long bytes) =>
        pause >= Idle || waited + pause >= Idle + TimeSpan.FromSeconds((double)bytes / LeastBytesPerSecond);
}
