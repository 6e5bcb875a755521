namespace ChunkOta.Server;

/// <summary>What one connection, request or document may take.</summary>
internal sealed record LimitSettings
{
    /// <summary>Open connections at once, over all ports.</summary>
    public int Connections { get; init; } = 20_000;

    /// <summary>Seconds in which a client must have sent its request headers.</summary>
    public int HeadersTimeoutSeconds { get; init; } = 15;

    /// <summary>Payload of a manifest, bytes.</summary>
    public int ManifestBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Entries of a manifest.</summary>
    public int ManifestEntries { get; init; } = 250_000;

    /// <summary>Sum of the sizes of a release's files, bytes.</summary>
    public long ReleaseBytes { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Seconds that calls under way get to end when the server stops.</summary>
    public int StopTimeoutSeconds { get; init; } = 20;

    public IEnumerable<string> FindFaults() =>
    [
        .. Range.FindFault("Limits:Connections", Connections, 1, 1_000_000),
        .. Range.FindFault("Limits:HeadersTimeoutSeconds", HeadersTimeoutSeconds, 1, 300),
        .. Range.FindFault("Limits:ManifestBytes", ManifestBytes, 1024, 256 * 1024 * 1024),
        .. Range.FindFault("Limits:ManifestEntries", ManifestEntries, 1, 1_000_000),
        .. Range.FindFault("Limits:ReleaseBytes", ReleaseBytes, 1, 1L << 50),
        .. Range.FindFault("Limits:StopTimeoutSeconds", StopTimeoutSeconds, 0, 600),
    ];
}
