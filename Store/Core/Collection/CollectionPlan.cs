namespace ChunkOta.Storage;

/// <summary>The work that a collection would find at this moment.</summary>
/// <param name="Releases">All releases whose content is there, by product and platform, the newest first.</param>
/// <param name="Devices">The devices, by what it means for their next upgrade.</param>
/// <param name="Chunks">Chunks that no release would have.</param>
/// <param name="Bytes">Their stored bytes: what the collection and the next ones free, when publishes have
/// ended.</param>
/// <param name="State">The last collection, and what is in the trash.</param>
public sealed record CollectionPlan(
    IReadOnlyList<JudgedRelease> Releases, IReadOnlyList<JudgedDevices> Devices, long Chunks, long Bytes,
    CollectionState State);

/// <summary>The effect of a collection on a release.</summary>
public enum ReleaseFate
{
    /// <summary>It stays.</summary>
    Kept,

    /// <summary>No policy keeps it: it goes to the trash.</summary>
    Deleted,

    /// <summary>It is in the trash and can come back.</summary>
    Trashed,

    /// <summary>Its time in the trash is over: its content goes.</summary>
    Purged,
}

/// <summary>A release and what a collection does with it.</summary>
/// <param name="Release">The release.</param>
/// <param name="Fate">The effect.</param>
/// <param name="Reasons">The reasons to keep it.</param>
/// <param name="Due">When its content goes; null while it stays.</param>
public sealed record JudgedRelease(
    ReleaseUse Release, ReleaseFate Fate, IReadOnlyList<KeepReason> Reasons, DateTimeOffset? Due);

/// <summary>Devices of a product and what a collection means for them.</summary>
/// <param name="Product">The product.</param>
/// <param name="Affected">The devices.</param>
public readonly record struct JudgedDevices(string Product, ImpactedDevices Affected);
