namespace ChunkOta.Server.Core;

/// <summary>Options of the deltas that a server builds.</summary>
public sealed record DeltaOptions
{
    /// <summary>Deltas that are built at once; 0 turns deltas off.</summary>
    public required int Workers { get; init; }

    /// <summary>Releases before a new one that get a delta to it, besides those that devices run.</summary>
    public required int PreviousReleases { get; init; }

    /// <summary>The longest that an update check waits for a quick delta.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Bytes of all stored deltas; 0 turns deltas off.</summary>
    public required long CacheBytes { get; init; }
}
