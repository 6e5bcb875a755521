using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>A release that a publisher wants to publish.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="Channel">The channel that the release is to be current in.</param>
/// <param name="AllowsOlder">The version need not exceed the others of the channel.</param>
public sealed record WantedPublish(string Product, string Platform, string Version, string Channel, bool AllowsOlder);

/// <summary>A publish that has begun, with all that its publisher needs for the next documents.</summary>
public sealed record PublishStart
{
    /// <summary>The lease of the publish.</summary>
    public required PublishLease Lease { get; init; }

    /// <summary>The product.</summary>
    public required ProductRecord Product { get; init; }

    /// <summary>The release with the greatest counter of the product and platform; null for none.</summary>
    public ReleaseRecord? Newest { get; init; }

    /// <summary>The release that has the wanted version already; null for none.</summary>
    public ReleaseRecord? Existing { get; init; }

    /// <summary>The channel as it is; null before its first release.</summary>
    public ChannelRecord? Channel { get; init; }

    /// <summary>The most that the files of the release may weigh together, bytes.</summary>
    public required long MaxReleaseBytes { get; init; }
}
