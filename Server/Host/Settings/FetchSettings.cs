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

    /// <summary>Transfers of chunks, deltas and objects at once, each in about 1 MiB of memory; others wait.</summary>
    public int AtOnce { get; init; } = 256;

    /// <summary>Transfers of one caller at once.</summary>
    public int AtOncePerCaller { get; init; } = 16;

    /// <summary>Bytes a second of all transfers; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes a second to one caller; 0 for no limit.</summary>
    public long CallerBytesPerSecond { get; init; }

    /// <summary>Bytes that a caller gets at once after a pause, whatever its rate.</summary>
    public long CallerBurstBytes { get; init; } = 16L * 1024 * 1024;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(AtOnce, 1, 100_000),
        .. Section.CheckRange(AtOncePerCaller, 1, 100_000),
        .. Section.CheckRange(BytesPerSecond, 0, 1L << 50),
        .. Section.CheckRange(CallerBytesPerSecond, 0, 1L << 50),
        .. Section.CheckRange(CallerBurstBytes, 0, 1L << 50),
        .. Section.CheckRange(ManifestCacheBytes, 0, 1024 * 1024 * 1024),
        .. Section.CheckRange(RecipeCacheBytes, 0, 1024 * 1024 * 1024),
        .. Section.CheckRange(GatherLevel, 1, 19),
        .. Section.CheckRange(ManifestLevel, 1, 19),
    ];
}
