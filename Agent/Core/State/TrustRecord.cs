using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The trust state of one channel of a product.</summary>
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

/// <summary>The trust state of one product of one server.</summary>
/// <remarks>Written only after everything in it was verified.</remarks>
internal sealed record TrustRecord
{
    /// <summary>The server's URL as it was enrolled at.</summary>
    public required string Server { get; init; }

    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The id that the server gave this device.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The channel that the install token enrolled the device for.</summary>
    public required string Channel { get; init; }

    /// <summary>The digest of the first trust root, from the install token: where all trust starts.</summary>
    public required Digest PinnedRoot { get; init; }

    /// <summary>SHA-256 of the server's TLS key from an install token, hex; null where no key is pinned.</summary>
    public string? SpkiSha256 { get; init; }

    /// <summary>The certificate authorities that the operator gave, in PEM; they come before the pinned key.</summary>
    public string? CaPem { get; init; }

    /// <summary>True when the operator allowed cleartext to other machines at the enrolment.</summary>
    public bool IsPlaintextAllowed { get; init; }

    /// <summary>The newest trust root accepted, a serialised envelope; null until the first check.</summary>
    public byte[]? Root { get; init; }

    /// <summary>Releases with a lower counter are never installed: from the token, then from manifests.</summary>
    public ulong MinimumCounter { get; init; }

    /// <summary>The minimum counter of the install token, which no document can change.</summary>
    public ulong TokenMinimumCounter { get; init; }

    /// <summary>The highest counter made current since the trust root last removed a release key.</summary>
    public ulong AcceptedCounter { get; init; }

    /// <summary>The release that was installed when the trust root removed the key that signed it: its counter does not
    /// bind. Null for none.</summary>
    public Digest? Disowned { get; init; }

    /// <summary>The trust root that vouched for it last, a serialised envelope; null for none.</summary>
    public byte[]? DisownedRoot { get; init; }

    /// <summary>The earliest time that is credible: the latest time of an accepted root or pointer, Unix seconds.
    /// A new root sets it back to its own.</summary>
    public long TimeFloorUnixSeconds { get; init; }

    /// <summary>The trust state of each channel that was followed.</summary>
    public IReadOnlyList<ChannelTrust> Channels { get; init; } = [];

    /// <summary>Finds the trust state of a channel.</summary>
    /// <param name="channel">Its name.</param>
    /// <param name="platform">The platform.</param>
    public ChannelTrust? Find(string channel, string platform) =>
        Channels.FirstOrDefault(c => c.Channel == channel && c.Platform == platform);

    /// <summary>Returns the record with a new trust state of one channel.</summary>
    /// <param name="channel">It replaces the state of the same channel and platform.</param>
    public TrustRecord With(ChannelTrust channel) => this with
    {
        Channels =
        [
            .. Channels.Where(c => c.Channel != channel.Channel || c.Platform != channel.Platform), channel,
        ],
    };
}

/// <summary>The trust state of a device: every server and product.</summary>
internal sealed record TrustDocument
{
    /// <summary>One record for each server and product.</summary>
    public IReadOnlyList<TrustRecord> Records { get; init; } = [];

    /// <summary>Finds the trust state of a product.</summary>
    /// <param name="server">The server's URL.</param>
    /// <param name="product">The product.</param>
    public TrustRecord? Find(string server, string product) =>
        Records.FirstOrDefault(r => r.Server == server && r.Product == product);

    /// <summary>Returns the document with one record added or replaced.</summary>
    /// <param name="record">The new record.</param>
    public TrustDocument With(TrustRecord record) => new()
    {
        Records = [.. Records.Where(r => r.Server != record.Server || r.Product != record.Product), record],
    };
}
