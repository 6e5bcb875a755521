using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The two releases of a delta, named by the digests of their manifests.</summary>
/// <param name="From">The old release.</param>
/// <param name="To">The new release.</param>
public readonly record struct DeltaPair(Digest From, Digest To);

/// <summary>A delta that was built and is not in the catalogue yet; its object, if any, is durable.</summary>
/// <param name="Pair">Its releases.</param>
/// <param name="Quality">The effort of its build.</param>
/// <param name="Digest">Its object's name; null when chunks are as cheap, so that nothing was stored.</param>
/// <param name="Bytes">Its length, whether stored or not.</param>
/// <param name="Files">Files that it makes.</param>
/// <param name="TargetBytes">Bytes of those files.</param>
public sealed record NewDelta(
    DeltaPair Pair, DeltaQuality Quality, Digest? Digest, long Bytes, int Files, long TargetBytes);

/// <summary>A delta that was built, stored or not.</summary>
public sealed record DeltaRecord
{
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

    /// <summary>The effort of its build.</summary>
    public required DeltaQuality Quality { get; init; }

    /// <summary>Its object's name; null when nothing is stored: chunks are as cheap, or it was evicted.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Its length in bytes, whether stored or not.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files that it makes.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of those files.</summary>
    public required long TargetBytes { get; init; }

    /// <summary>The time it was built.</summary>
    public required DateTimeOffset Built { get; init; }

    /// <summary>The time of its last use, to the minute.</summary>
    public required DateTimeOffset Used { get; init; }
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

    /// <summary>Its state.</summary>
    public required DeltaJobState State { get; init; }

    /// <summary>The error of the last attempt, one line; empty when none failed.</summary>
    public required string Error { get; init; }
}
