using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Building and keeping deltas.</summary>
internal sealed record DeltaSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Deltas));

    /// <summary>Deltas that are built at once, each in up to 300 MiB of memory; 0 turns deltas off.</summary>
    public int Workers { get; init; } = StoreOptions.Default.DeltaBuildsAtOnce;

    /// <summary>Releases before a new one that get a delta to it, besides those that devices run.</summary>
    public int Previous { get; init; } = 3;

    /// <summary>The longest time an update check waits for a quick delta, seconds.</summary>
    public int WaitSeconds { get; init; } = 5;

    /// <summary>Bytes of all stored deltas; beyond it the least recently used are deleted.</summary>
    public long CacheBytes { get; init; } = StoreOptions.Default.DeltaCacheBytes;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(Workers, 0, 64),
        .. Section.CheckRange(Previous, 0, 100),
        .. Section.CheckRange(WaitSeconds, 0, 60),
        .. Section.CheckRange(CacheBytes, 0, 1L << 50),
    ];
}
