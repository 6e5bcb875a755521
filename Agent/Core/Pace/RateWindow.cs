namespace ChunkOta.Agent;

/// <summary>Judges the average rate of a transfer over its last seconds. Pure.</summary>
/// <param name="minimum">The least that is accepted.</param>
internal sealed class RateWindow(MinimumRate minimum)
{
    /// <summary>The number of samples that a window is looked at with.</summary>
    public const int SamplesPerWindow = 30;

    private readonly Queue<(TimeSpan Waited, long Bytes)> _samples = new([(TimeSpan.Zero, 0)]);

    /// <summary>Bytes that came within the window that was judged last.</summary>
    public long BytesInWindow { get; private set; }

    /// <summary>Takes a sample, and tells whether the last window brought too little.</summary>
    /// <param name="waited">Time spent waiting so far.</param>
    /// <param name="bytes">Bytes that came so far.</param>
    public bool IsTooSlow(TimeSpan waited, long bytes)
    {
        var begin = waited - minimum.Window;
        while (_samples.Count > 1 && _samples.ElementAt(1).Waited <= begin)
            _samples.Dequeue();
        var oldest = _samples.Peek();
        _samples.Enqueue((waited, bytes));
        BytesInWindow = bytes - oldest.Bytes;
        return oldest.Waited <= begin && BytesInWindow < minimum.BytesPerSecond * minimum.Window.TotalSeconds;
    }
}
