using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Giving releases out.</summary>
internal sealed record FetchSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Fetch));

    /// <summary>Memory for cached manifests, bytes.</summary>
    public long ManifestCacheBytes { get; init; } = StoreOptions.Default.ManifestCacheBytes;

    /// <summary>Memory for cached recipes, bytes.</summary>
    public long RecipeCacheBytes { get; init; } = StoreOptions.Default.RecipeCacheBytes;

    /// <summary>The zstd level of frames that are gathered for one call.</summary>
    public int GatherLevel { get; init; } = StoreOptions.Default.GatherLevel;

    /// <summary>The zstd level of manifests as they are sent.</summary>
    public int ManifestLevel { get; init; } = StoreOptions.Default.ManifestLevel;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(ManifestCacheBytes, 0, 1024 * 1024 * 1024),
        .. Section.CheckRange(RecipeCacheBytes, 0, 1024 * 1024 * 1024),
        .. Section.CheckRange(GatherLevel, 1, 19),
        .. Section.CheckRange(ManifestLevel, 1, 19),
    ];
}
