using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A delta that was made, or found not to be worth storing.</summary>
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

    /// <summary>The manifests of both.</summary>
    public required DeltaPair Pair { get; init; }

    /// <summary>How much work it was.</summary>
    public required DeltaQuality Quality { get; init; }

    /// <summary>The object's name; null: chunks are as cheap, so none was stored.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Its length in bytes, whether stored or not.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files that it gives.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of those files.</summary>
    public required long TargetBytes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Built { get; init; }

    /// <summary>When it was last of use, to the minute.</summary>
    public required DateTimeOffset Used { get; init; }
}

/// <summary>Where a job stands.</summary>
public enum DeltaJobState
{
    /// <summary>It waits for a worker, or for its next try.</summary>
    Queued,

    /// <summary>A worker has it.</summary>
    Running,

    /// <summary>Every try failed; it stays to be seen, and is not tried again by itself.</summary>
    Failed,
}

/// <summary>A delta that is to be made.</summary>
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

    /// <summary>The manifests of both.</summary>
    public required DeltaPair Pair { get; init; }

    /// <summary>How much work it is worth.</summary>
    public required DeltaQuality Quality { get; init; }

    /// <summary>Higher ones go first.</summary>
    public required int Priority { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Queued { get; init; }

    /// <summary>Tries that were begun.</summary>
    public required int Attempts { get; init; }

    /// <summary>Where it stands.</summary>
    public required DeltaJobState State { get; init; }

    /// <summary>What the last try failed with, one line; empty when none has.</summary>
    public required string Error { get; init; }
}
