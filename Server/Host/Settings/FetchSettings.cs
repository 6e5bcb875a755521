namespace ChunkOta.Server;

/// <summary>How releases are given out.</summary>
internal sealed record FetchSettings
{
    /// <summary>Memory for manifests that are asked for again and again, bytes.</summary>
    public int ManifestCacheBytes { get; init; } = 24 * 1024 * 1024;

    /// <summary>Memory for recipes that are asked for again and again, bytes.</summary>
    public int RecipeCacheBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>zstd level of frames that are put together for one call.</summary>
    public int GatherLevel { get; init; } = 3;

    /// <summary>zstd level of manifest transfers.</summary>
    public int ManifestLevel { get; init; } = 9;

    public IEnumerable<string> FindFaults() =>
    [
        .. Range.FindFault("Fetch:ManifestCacheBytes", ManifestCacheBytes, 0, 1024 * 1024 * 1024),
        .. Range.FindFault("Fetch:RecipeCacheBytes", RecipeCacheBytes, 0, 1024 * 1024 * 1024),
        .. Range.FindFault("Fetch:GatherLevel", GatherLevel, 1, 19),
        .. Range.FindFault("Fetch:ManifestLevel", ManifestLevel, 1, 19),
    ];
}
