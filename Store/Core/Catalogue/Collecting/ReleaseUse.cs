using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A release and everything that needs it.</summary>
public sealed record ReleaseUse
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The counter.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The digest of the manifest's payload.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>It has the highest counter of its product and platform.</summary>
    public bool IsNewest { get; init; }

    /// <summary>It is pinned as known-good.</summary>
    public bool IsAnchor { get; init; }

    /// <summary>The channels whose pointer names it, as current or as candidate; sorted.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>The channels in which it was ever current; sorted.</summary>
    public IReadOnlyList<string> History { get; init; } = [];

    /// <summary>The devices that run it by their last reports.</summary>
    public long Devices { get; init; }

    /// <summary>When it was deleted; null while it is visible.</summary>
    public DateTimeOffset? Deleted { get; init; }
}

/// <summary>The number of releases that a channel keeps.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Channel">The channel's name.</param>
/// <param name="Keep">Its newest releases, for each platform.</param>
public readonly record struct RetentionPolicy(string Product, string Channel, int Keep);

/// <summary>Devices that run the same release and follow the same channel.</summary>
/// <param name="Platform">Their platform.</param>
/// <param name="Channel">The channel that they follow.</param>
/// <param name="Running">The manifest of the release; null when none runs.</param>
/// <param name="Version">Its version, as the devices report it.</param>
/// <param name="Devices">Their number.</param>
public readonly record struct DeviceGroup(
    string Platform, string Channel, Digest? Running, string Version, long Devices);
