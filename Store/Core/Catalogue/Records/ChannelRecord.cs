using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A channel and its pointer.</summary>
public sealed record ChannelRecord
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pointer's number.</summary>
    public required ulong Seq { get; init; }

    /// <summary>The manifest that is current.</summary>
    public required Digest Current { get; init; }

    /// <summary>The manifest being rolled out, if any.</summary>
    public Digest? Candidate { get; init; }

    /// <summary>The end of the pointer's validity.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The pointer's serialised envelope, verbatim.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }

    /// <summary>The time that it was deleted; null while it is there.</summary>
    public DateTimeOffset? Deleted { get; init; }

    /// <summary>It has not gone on since the catalogue was restored: devices may have seen newer pointers of it, or
    /// newer releases.</summary>
    public bool IsBehind { get; init; }
}

/// <summary>The result of deleting a channel.</summary>
/// <param name="Platforms">The platforms that it was deleted for, sorted.</param>
/// <param name="Devices">The devices that followed it.</param>
public sealed record DeletedChannel(IReadOnlyList<string> Platforms, long Devices);
