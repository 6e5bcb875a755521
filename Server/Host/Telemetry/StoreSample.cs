using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>The figures of the store at one time; null for those that could not be read.</summary>
internal sealed record StoreSample
{
    /// <summary>The size of the store; null when the catalogue was not read.</summary>
    public StoreFigures? Store { get; init; }

    /// <summary>The queue of deltas.</summary>
    public DeltaQueueFigures? Queue { get; init; }

    /// <summary>The time that the oldest queued job has waited; zero when none waits.</summary>
    public TimeSpan QueueAge { get; init; }

    /// <summary>Publishes in progress.</summary>
    public int Leases { get; init; }

    /// <summary>Documents that expire.</summary>
    public RenewalFigures Renewals { get; init; }

    /// <summary>Objects that are missing or damaged.</summary>
    public long LostObjects { get; init; }

    /// <summary>The last complete verification of each depth, and the time since; none before the first.</summary>
    public IReadOnlyList<(ScrubDepth Depth, FinishedPass Pass, TimeSpan Age)> Scrubs { get; init; } = [];

    /// <summary>The last collection, and what waits to be deleted; null when the catalogue does not answer.</summary>
    public CollectionState? Collection { get; init; }

    /// <summary>The time since the last collection ended; null while one runs, and before the first.</summary>
    public TimeSpan? CollectionAge { get; init; }

    /// <summary>Stored bytes of the chunks that are condemned.</summary>
    public long CondemnedBytes { get; init; }

    /// <summary>The time until the TLS certificate expires; null when TLS is off.</summary>
    public TimeSpan? Certificate { get; init; }

    /// <summary>Free bytes on the disk of the data folder.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>True when the catalogue answered in time.</summary>
    public bool IsCatalogueReady { get; init; }

    /// <summary>True when the object store answered in time.</summary>
    public bool IsObjectStoreReady { get; init; }
}
