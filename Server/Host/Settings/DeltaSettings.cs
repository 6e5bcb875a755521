namespace ChunkOta.Server;

/// <summary>How deltas are made and kept.</summary>
internal sealed record DeltaSettings
{
    /// <summary>Deltas that are made at once, each in up to 300 MiB of memory; 0: none are made.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Releases before a new one from which a delta is made, beside those that devices run.</summary>
    public int Previous { get; init; } = 3;

    /// <summary>Seconds that a device which asks for an update waits for a quick delta at most.</summary>
    public int WaitSeconds { get; init; } = 5;

    /// <summary>Bytes of all stored deltas; beyond it the least recently used go.</summary>
    public long CacheBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    public IEnumerable<string> FindFaults() =>
    [
        .. Range.FindFault("Deltas:Workers", Workers, 0, 64),
        .. Range.FindFault("Deltas:Previous", Previous, 0, 100),
        .. Range.FindFault("Deltas:WaitSeconds", WaitSeconds, 0, 60),
        .. Range.FindFault("Deltas:CacheBytes", CacheBytes, 0, 1L << 50),
    ];
}
