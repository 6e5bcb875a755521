namespace ChunkOta.Storage;

/// <summary>Periods and limits of a collection.</summary>
public sealed record CollectionOptions
{
    /// <summary>The default of every option.</summary>
    public static CollectionOptions Default { get; } = new();

    /// <summary>The time for which a deleted release can come back, and for which an old pack stays after a
    /// compaction.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The time for which an object stays that no row refers to: its rows may come back with a
    /// backup.</summary>
    public TimeSpan OrphanGrace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A device that has not reported for longer keeps no release.</summary>
    public TimeSpan DeviceLife { get; init; } = TimeSpan.FromDays(90);

    /// <summary>A pack of which less than this percentage is needed is rewritten; 0 for none.</summary>
    public int CompactBelowPercent { get; init; } = 50;

    /// <summary>zstd level of frames that a compaction compresses again.</summary>
    public int FrameLevel { get; init; } = 9;
}
