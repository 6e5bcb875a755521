namespace ChunkOta.Agent;

/// <summary>The progress of a run.</summary>
/// <param name="Stage">The stage that the run is in.</param>
/// <param name="DoneBytes">Bytes of this stage that are done.</param>
/// <param name="TotalBytes">Bytes of this stage in all; 0 when not known.</param>
public readonly record struct UpdateProgress(UpdateStage Stage, long DoneBytes = 0, long TotalBytes = 0)
{
    /// <summary>The rate over the last seconds, bytes a second; null while it is too early to tell.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Why the run waits; null when it does not.</summary>
    public FailureCause? Cause { get; init; }

    /// <summary>The plan, reported once, before anything is written; else null.</summary>
    public UpdatePlan? Plan { get; init; }

    /// <summary>A line for people, such as that the server is away and is tried again; else null.</summary>
    public string? Note { get; init; }

    /// <summary>The time left at this rate; null when not known.</summary>
    public TimeSpan? TimeLeft => BytesPerSecond is >= 1 and { } rate && TotalBytes > 0
        ? TimeSpan.FromSeconds(Math.Min((TotalBytes - DoneBytes) / rate, MaxSeconds))
        : null;

    /// <summary>A hundred years: longer than anyone waits, and within the range of a time span.</summary>
    private const double MaxSeconds = 3_155_760_000;
}
