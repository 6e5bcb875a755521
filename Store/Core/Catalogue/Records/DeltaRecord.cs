using ChunkOta.Chunking;

namespace ChunkOta.Storage;

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
