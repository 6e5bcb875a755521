namespace ChunkOta.Admin;

/// <summary>The answer of <c>stats --json</c>.</summary>
internal sealed record StatsReport(
    IReadOnlyList<ReleaseReuse> Releases, IReadOnlyList<ProductReuse> Products, StoreUse Store);

/// <summary>
/// A release: what it weighs and what it added; of its distinct plain bytes, the share that was there before.
/// </summary>
internal sealed record ReleaseReuse
{
    public required string Product { get; init; }

    public required string Platform { get; init; }

    public required string Version { get; init; }

    public required ulong Counter { get; init; }

    public required ulong Files { get; init; }

    public required ulong LogicalBytes { get; init; }

    public required ulong DistinctPlainBytes { get; init; }

    public required ulong Chunks { get; init; }

    public required ulong DistinctChunks { get; init; }

    public required ulong NewChunks { get; init; }

    public required ulong NewPlainBytes { get; init; }

    public required ulong NewStoredBytes { get; init; }

    public required double? DedupFactor { get; init; }

    public required double? CompressionFactor { get; init; }

    public required double? ReusedShare { get; init; }
}

/// <summary>A product: all its releases against what is stored of them.</summary>
internal sealed record ProductReuse
{
    public required string Product { get; init; }

    public required ulong Releases { get; init; }

    public required ulong LogicalBytes { get; init; }

    public required ulong DistinctPlainBytes { get; init; }

    public required ulong StoredBytes { get; init; }

    public required double? DedupFactor { get; init; }

    public required double? CompressionFactor { get; init; }
}

/// <summary>The whole store.</summary>
internal sealed record StoreUse
{
    public required ulong Packs { get; init; }

    public required ulong Chunks { get; init; }

    public required ulong PlainBytes { get; init; }

    public required ulong StoredBytes { get; init; }

    public required ulong Recipes { get; init; }

    public required ulong Devices { get; init; }

    public required double? CompressionFactor { get; init; }
}
