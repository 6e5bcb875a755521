using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>A publish that has begun, with all that its publisher needs for the next documents.</summary>
public sealed record PublishStart
{
    /// <summary>The lease of the publish.</summary>
    public required PublishLease Lease { get; init; }

    /// <summary>The product.</summary>
    public required ProductRecord Product { get; init; }

    /// <summary>The release with the greatest counter of the product and platform, of those whose manifest the store
    /// has; null for none.</summary>
    public ReleaseRecord? Newest { get; init; }

    /// <summary>The files of the newest release that the product does not have with the signed recipe, by their
    /// entries; empty when nothing is to be sent, because the wanted version exists and nothing is lost.</summary>
    public IReadOnlyList<uint> UnknownEntries { get; init; } = [];

    /// <summary>The release that has the wanted version already; null for none.</summary>
    public ReleaseRecord? Existing { get; init; }

    /// <summary>The store lost the manifest of <see cref="Existing"/>.</summary>
    public bool LacksManifest { get; init; }

    /// <summary>There is an <see cref="Existing"/>, and the store lost something, perhaps of it.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The channel as it is; null before its first release.</summary>
    public ChannelRecord? Channel { get; init; }

    /// <summary>The channel as it was when it was deleted, and other channels of the product and platform that together
    /// withdraw what any of them withdraws.</summary>
    public IReadOnlyList<ChannelRecord> OtherChannels { get; init; } = [];

    /// <summary>The lowest counter and seq that may follow; 0 if the server was never restored.</summary>
    public ulong LeastNumber { get; init; }

    /// <summary>The largest total size of the release's files, bytes.</summary>
    public required long MaxReleaseBytes { get; init; }
}
