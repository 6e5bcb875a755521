namespace ChunkOta.Server;

/// <summary>Giving releases out.</summary>
internal sealed record FetchSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Fetch));

    /// <summary>Memory for cached manifests, bytes.</summary>
    public int ManifestCacheBytes { get; init; } = 24 * 1024 * 1024;

    /// <summary>Memory for cached recipes, bytes.</summary>
    public int RecipeCacheBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The zstd level of frames that are gathered for one call.</summary>
    public int GatherLevel { get; init; } = 3;

    /// <summary>The zstd level of manifests as they are sent.</summary>
    public int ManifestLevel { get; init; } = 9;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(ManifestCacheBytes, 0, 1024 * 1024 * 1024),
        .. Section.CheckRange(RecipeCacheBytes, 0, 1024 * 1024 * 1024),
        .. Section.CheckRange(GatherLevel, 1, 19),
        .. Section.CheckRange(ManifestLevel, 1, 19),
    ];
}
