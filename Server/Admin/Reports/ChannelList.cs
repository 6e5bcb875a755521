namespace ChunkOta.Admin;

/// <summary>The answer of <c>channels --json</c>.</summary>
internal sealed record ChannelList(IReadOnlyList<ChannelLine> Channels);

/// <summary>A channel and what its pointer says.</summary>
internal sealed record ChannelLine
{
    public required string Product { get; init; }

    public required string Platform { get; init; }

    public required string Channel { get; init; }

    public required string Version { get; init; }

    public required ulong Counter { get; init; }

    public required ulong Seq { get; init; }

    public required long IssuedUnixSeconds { get; init; }

    public required long ExpiresUnixSeconds { get; init; }

    public required string ManifestDigest { get; init; }

    public required bool Verified { get; init; }
}

/// <summary>The answer of <c>channels renew --json</c>.</summary>
internal sealed record RenewedChannel(
    string Product, string Platform, string Channel, string Version, ulong Seq, long ExpiresUnixSeconds);
