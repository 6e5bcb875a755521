using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>A device's question for the release it should run.</summary>
public sealed record UpdateQuery
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The device's platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel; null for the one that the device was enrolled for.</summary>
    public string? Channel { get; init; }

    /// <summary>The newest trust root that the device has; 0 for none.</summary>
    public ulong RootVersion { get; init; }

    /// <summary>The manifest of the release that the device holds; null for none.</summary>
    public Digest? HeldManifest { get; init; }

    /// <summary>The version that is wanted; null for the channel's current one.</summary>
    public string? Version { get; init; }

    /// <summary>True when the anchors are wanted, too.</summary>
    public bool ListsAnchors { get; init; }
}

/// <summary>The answer to an <see cref="UpdateQuery"/>.</summary>
public sealed record UpdateAnswer
{
    /// <summary>The trust roots that follow the device's.</summary>
    public required IReadOnlyList<RootRecord> Roots { get; init; }

    /// <summary>The channel with its signed pointer.</summary>
    public required ChannelRecord Channel { get; init; }

    /// <summary>The release to run.</summary>
    public required ReleaseRecord Release { get; init; }

    /// <summary>The manifest of the release as it is sent; null when the device holds it already.</summary>
    public SentManifest? Manifest { get; init; }

    /// <summary>The versions of the anchors, the newest first; empty unless they were asked for.</summary>
    public IReadOnlyList<string> Anchors { get; init; } = [];

    /// <summary>Deltas from the release that the device holds.</summary>
    public required UpdateOffer Offer { get; init; }
}
