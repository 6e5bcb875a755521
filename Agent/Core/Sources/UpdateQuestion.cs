using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The release that a device asks for, and what it holds already.</summary>
internal sealed record UpdateQuestion
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>A version other than the channel's current one; null for that.</summary>
    public string? Version { get; init; }

    /// <summary>True to accept a release that is older than what was accepted before, down to the publisher's floor: a
    /// person goes back on purpose. Not sent.</summary>
    public bool AllowsOlder { get; init; }

    /// <summary>True to be told the anchors as well.</summary>
    public bool ListsAnchors { get; init; }

    /// <summary>The digest of a manifest that the device holds; null for none.</summary>
    public Digest? Held { get; init; }

    /// <summary>The version of the newest trust root that the device holds; 0 for none.</summary>
    public ulong RootVersion { get; init; }

    /// <summary>The question that every update of an installed product begins with.</summary>
    /// <param name="state">The record of what is installed.</param>
    public static UpdateQuestion Of(ProductState state) => new()
    {
        Product = state.Product,
        Platform = state.Platform,
        Channel = state.Channel,
        Held = state.Current,
    };
}

/// <summary>The release that a server offers. Documents in it are signed; nothing in it is verified.</summary>
internal sealed record OfferedUpdate
{
    /// <summary>Trust roots after the one that the device holds, in order.</summary>
    public IReadOnlyList<Envelope> Roots { get; init; } = [];

    /// <summary>The time by which the server's clock is ahead of this device's; zero when they agree.</summary>
    public TimeSpan ServerClockAhead { get; init; }

    /// <summary>The channel pointer; null when the server sent none.</summary>
    public Envelope? Pointer { get; init; }

    /// <summary>The digest of the manifest that is offered; null when the server named none.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>The length of the manifest, bytes.</summary>
    public ulong ManifestBytes { get; init; }

    /// <summary>The server suggests the pointer's candidate instead of its current release.</summary>
    public bool IsCandidate { get; init; }

    /// <summary>The server says that it was restored from a backup and may lack newer releases.</summary>
    public bool IsServerBehind { get; init; }

    /// <summary>The device holds the manifest already: it is not sent.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The manifest's signatures, when it is sent.</summary>
    public IReadOnlyList<Signature> Signatures { get; init; } = [];

    /// <summary>The manifest is sent against the one that the device holds.</summary>
    public bool UsesHeldManifest { get; init; }

    /// <summary>The length of the manifest as it is sent, bytes.</summary>
    public ulong SentBytes { get; init; }

    /// <summary>The versions that the publisher vouches for, the newest first; only if they were asked for.</summary>
    public IReadOnlyList<string> Anchors { get; init; } = [];

    /// <summary>Deltas to the release from the one that the device holds; null for none.</summary>
    public DeltaOffers? Deltas { get; init; }
}
