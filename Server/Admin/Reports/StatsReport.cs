namespace ChunkOta.Admin;

/// <summary>The answer of <c>stats --json</c>.</summary>
/// <param name="Releases">Release by release.</param>
/// <param name="Products">Product by product.</param>
/// <param name="Store">The whole store.</param>
internal sealed record StatsReport(
    IReadOnlyList<ReleaseReuse> Releases, IReadOnlyList<ProductReuse> Products, StoreUse Store);

/// <summary>
/// A release: what it weighs and what it added; of its distinct plain bytes, the share that was there before.
/// </summary>
internal sealed record ReleaseReuse
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The number of the release within its product and platform.</summary>
    public required ulong Counter { get; init; }

    /// <summary>Its files.</summary>
    public required ulong Files { get; init; }

    /// <summary>The sum of its files' lengths.</summary>
    public required ulong LogicalBytes { get; init; }

    /// <summary>The plain bytes of its distinct chunks.</summary>
    public required ulong DistinctPlainBytes { get; init; }

    /// <summary>Its chunks, counted wherever they stand.</summary>
    public required ulong Chunks { get; init; }

    /// <summary>Its chunks, each counted once.</summary>
    public required ulong DistinctChunks { get; init; }

    /// <summary>Chunks that it brought.</summary>
    public required ulong NewChunks { get; init; }

    /// <summary>The plain bytes of those chunks.</summary>
    public required ulong NewPlainBytes { get; init; }

    /// <summary>The size of those chunks as they are stored.</summary>
    public required ulong NewStoredBytes { get; init; }

    /// <summary>Logical bytes / distinct plain bytes; absent if there are none.</summary>
    public required double? DedupFactor { get; init; }

    /// <summary>Plain bytes / stored bytes; absent if there are none.</summary>
    public required double? CompressionFactor { get; init; }

    /// <summary>The share of its distinct plain bytes that were in the store before; absent if there are
    /// none.</summary>
    public required double? ReusedShare { get; init; }
}

/// <summary>A product: all its releases against what is stored of them.</summary>
internal sealed record ProductReuse
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The number of its releases.</summary>
    public required ulong Releases { get; init; }

    /// <summary>The sum of its files' lengths.</summary>
    public required ulong LogicalBytes { get; init; }

    /// <summary>The plain bytes of its distinct chunks.</summary>
    public required ulong DistinctPlainBytes { get; init; }

    /// <summary>The size of its chunks as they are stored.</summary>
    public required ulong StoredBytes { get; init; }

    /// <summary>Logical bytes / distinct plain bytes; absent if there are none.</summary>
    public required double? DedupFactor { get; init; }

    /// <summary>Plain bytes / stored bytes; absent if there are none.</summary>
    public required double? CompressionFactor { get; init; }
}

/// <summary>The whole store.</summary>
internal sealed record StoreUse
{
    /// <summary>Packs.</summary>
    public required ulong Packs { get; init; }

    /// <summary>Chunks, each stored once.</summary>
    public required ulong Chunks { get; init; }

    /// <summary>The plain bytes of all chunks.</summary>
    public required ulong PlainBytes { get; init; }

    /// <summary>The size of all packs.</summary>
    public required ulong StoredBytes { get; init; }

    /// <summary>Recipes.</summary>
    public required ulong Recipes { get; init; }

    /// <summary>Devices that have enrolled.</summary>
    public required ulong Devices { get; init; }

    /// <summary>Objects that are missing or damaged; <c>ota-admin verify</c> lists them.</summary>
    public required ulong LostObjects { get; init; }

    /// <summary>When the last quick verification ended; absent if there was none.</summary>
    public required long? QuickScrubUnixSeconds { get; init; }

    /// <summary>When the last full verification ended; absent if there was none.</summary>
    public required long? FullScrubUnixSeconds { get; init; }

    /// <summary>Devices that update at this moment.</summary>
    public required ulong UpdatingDevices { get; init; }

    /// <summary>Of these, devices that wait for something.</summary>
    public required ulong WaitingDevices { get; init; }

    /// <summary>The sum of their rates, bytes a second.</summary>
    public required ulong UpdateBytesPerSecond { get; init; }

    /// <summary>The last collection, and what is in the trash.</summary>
    public required CollectionStateLine Collection { get; init; }

    /// <summary>Plain bytes / stored bytes; absent if there are none.</summary>
    public required double? CompressionFactor { get; init; }
}
