using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The state that <see cref="DeltaJobRules"/> reads and changes in one transaction.</summary>
public interface IDeltaJobTransaction : ICatalogueLookup
{
    /// <summary>The deltas of a pair that were built, whether they are stored or not.</summary>
    IReadOnlyList<BuildOutcome> ListBuilt(DeltaPair pair);

    /// <summary>The job of a pair and a quality; null when there is none.</summary>
    JobState? FindJob(DeltaPair pair, DeltaQuality quality);

    /// <summary>The job of a number; null when there is none.</summary>
    JobState? FindJob(long id);

    /// <summary>The first job that meets all conditions: the highest priority, then the oldest; null when none
    /// does.</summary>
    /// <param name="attemptsBelow">It has fewer attempts.</param>
    /// <param name="now">It is due at this time, and no lease lasts beyond it.</param>
    /// <param name="atMost">Its quality is this one or a lower one.</param>
    JobState? FindFirstJob(int attemptsBelow, DateTimeOffset now, DeltaQuality atMost);

    /// <summary>Adds a job. Both releases are visible; its number is given to it here.</summary>
    void AddJob(DeltaPair pair, DeltaQuality quality, DateTimeOffset queued, JobState job);

    /// <summary>Stores the state of a job in place of its last one.</summary>
    void PutJob(JobState job);
}

/// <summary>The state of a delta job that changes while it waits and runs.</summary>
/// <param name="Id">Its number; 0 before it is added.</param>
/// <param name="Priority">Higher ones go first.</param>
/// <param name="Attempts">Attempts that were started.</param>
/// <param name="Due">It is not claimed before this time.</param>
/// <param name="LeasedUntil">The end of a worker's lease; null when no worker has it.</param>
/// <param name="Error">The error of the last attempt, one line; empty when none failed.</param>
public sealed record JobState(
    long Id, int Priority, int Attempts, DateTimeOffset Due, DateTimeOffset? LeasedUntil = null, string Error = "")
{
    /// <summary>The number of times it was claimed, which tells a worker's own lease from a later one.</summary>
    public long Claims { get; init; }
}

/// <summary>The outcome of building a delta.</summary>
/// <param name="Quality">The effort that it was built with.</param>
/// <param name="IsStored">Its object is there.</param>
/// <param name="Evicted">The time it was evicted; null if it never was.</param>
public sealed record BuildOutcome(DeltaQuality Quality, bool IsStored, DateTimeOffset? Evicted);
