using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>What the agent has accepted of one channel of a product.</summary>
internal sealed record ChannelTrust
{
    /// <summary>The channel's name.</summary>
    public required string Channel { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The newest pointer accepted, a serialised envelope: the next must not be older.</summary>
    public required byte[] Pointer { get; init; }

    /// <summary>Its sequence number, for people.</summary>
    public ulong Seq { get; init; }
}

/// <summary>What a device holds true of one product of one server.</summary>
/// <remarks>Written only after everything in it was verified.</remarks>
internal sealed record TrustRecord
{
    /// <summary>The server's URL as it was enrolled at.</summary>
    public required string Server { get; init; }

    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>Who the server says this device is.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The channel that the install token enrolled the device for.</summary>
    public required string Channel { get; init; }

    /// <summary>The digest of the first trust root, from the install token: where all trust starts.</summary>
    public required Digest PinnedRoot { get; init; }

    /// <summary>SHA-256 of the server's TLS key from the install token, hex; null: the usual authorities decide.</summary>
    public string? SpkiSha256 { get; init; }

    /// <summary>The file of certificate authorities named when it was enrolled, if any.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether the operator allowed cleartext beyond this machine when it was enrolled.</summary>
    public bool IsPlaintextAllowed { get; init; }

    /// <summary>The newest trust root accepted, a serialised envelope; null until the first check.</summary>
    public byte[]? Root { get; init; }

    /// <summary>Releases with a counter below this are never installed: from the token, then from what was accepted.</summary>
    public ulong MinimumCounter { get; init; }

    /// <summary>The highest counter ever made current.</summary>
    public ulong AcceptedCounter { get; init; }

    /// <summary>No time before this is believed: the latest signed or local moment seen, Unix seconds.</summary>
    public long TimeFloorUnixSeconds { get; init; }

    /// <summary>The channels that were followed.</summary>
    public IReadOnlyList<ChannelTrust> Channels { get; init; } = [];

    /// <summary>Finds what was accepted of a channel.</summary>
    /// <param name="channel">Its name.</param>
    /// <param name="platform">The platform.</param>
    public ChannelTrust? Find(string channel, string platform) =>
        Channels.FirstOrDefault(c => c.Channel == channel && c.Platform == platform);

    /// <summary>The record with what is now accepted of a channel.</summary>
    /// <param name="channel">It replaces what was there for the same channel and platform.</param>
    public TrustRecord With(ChannelTrust channel) => this with
    {
        Channels =
        [
            .. Channels.Where(c => c.Channel != channel.Channel || c.Platform != channel.Platform), channel,
        ],
    };
}

/// <summary>All that a device holds true, of every server and product.</summary>
internal sealed record TrustDocument
{
    /// <summary>One for each server and product.</summary>
    public IReadOnlyList<TrustRecord> Records { get; init; } = [];

    /// <summary>Finds what is held true of a product.</summary>
    /// <param name="server">The server's URL.</param>
    /// <param name="product">The product.</param>
    public TrustRecord? Find(string server, string product) =>
        Records.FirstOrDefault(r => r.Server == server && r.Product == product);

    /// <summary>The document with one record added or replaced.</summary>
    /// <param name="record">What is now held true.</param>
    public TrustDocument With(TrustRecord record) => new()
    {
        Records = [.. Records.Where(r => r.Server != record.Server || r.Product != record.Product), record],
    };
}
