using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A delta that is to be built.</summary>
public sealed record DeltaJob
{
    /// <summary>Its number; later jobs have higher ones.</summary>
    public required long Id { get; init; }

    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform of both releases.</summary>
    public required string Platform { get; init; }

    /// <summary>The version of the old release.</summary>
    public required string FromVersion { get; init; }

    /// <summary>The version of the new release.</summary>
    public required string ToVersion { get; init; }

    /// <summary>Both releases.</summary>
    public required DeltaPair Pair { get; init; }

    /// <summary>The effort to build it with.</summary>
    public required DeltaQuality Quality { get; init; }

    /// <summary>Higher ones go first.</summary>
    public required int Priority { get; init; }

    /// <summary>The time it was queued.</summary>
    public required DateTimeOffset Queued { get; init; }

    /// <summary>Attempts that were started.</summary>
    public required int Attempts { get; init; }

    /// <summary>The number of times it was claimed; a worker's own claim fences off those before it.</summary>
    public required long Claim { get; init; }

    /// <summary>Its state.</summary>
    public required DeltaJobState State { get; init; }

    /// <summary>The error of the last attempt, one line; empty when none failed.</summary>
    public required string Error { get; init; }
}

/// <summary>The state of a delta job.</summary>
public enum DeltaJobState
{
    /// <summary>It waits for a worker or for its next attempt.</summary>
    Queued,

    /// <summary>A worker holds it.</summary>
    Running,

    /// <summary>Every attempt failed; it stays in the list and is not retried by itself.</summary>
    Failed,
}

/// <summary>The figures of the queue of delta jobs.</summary>
/// <param name="Queued">Jobs that wait for a worker or for their next attempt.</param>
/// <param name="Running">Jobs that a worker holds.</param>
/// <param name="Failed">Jobs whose every attempt failed.</param>
/// <param name="OldestQueued">The time when the oldest job that waits was queued; null when none waits.</param>
public sealed record DeltaQueueFigures(long Queued, long Running, long Failed, DateTimeOffset? OldestQueued);
