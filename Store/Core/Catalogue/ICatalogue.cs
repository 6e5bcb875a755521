namespace ChunkOta.Storage;

/// <summary>The server's database, in parts.</summary>
/// <remarks>
/// A write that has returned survives a power cut. Calls throw <see cref="ChunkOtaException"/> for a change
/// that a rule refuses, <see cref="StoreFullException"/> when the disk is full and
/// <see cref="StoreUnavailableException"/> when the database fails.
/// </remarks>
public interface ICatalogue : IAsyncDisposable
{
    /// <summary>Chunks and recipes, and where they are stored.</summary>
    IChunkIndex Chunks { get; }

    /// <summary>Releases and channels.</summary>
    IReleaseCatalogue Releases { get; }

    /// <summary>Publishes that are under way.</summary>
    IPublishLeases Publishes { get; }

    /// <summary>Products and tokens.</summary>
    IIdentityCatalogue Identities { get; }

    /// <summary>Devices and their reports.</summary>
    IDeviceCatalogue Devices { get; }

    /// <summary>Deltas that were built.</summary>
    IDeltaCatalogue Deltas { get; }

    /// <summary>Deltas that are to be built.</summary>
    IDeltaJobs DeltaJobs { get; }

    /// <summary>Objects that are missing or damaged.</summary>
    IDamageCatalogue Damage { get; }

    /// <summary>Passes that look for them.</summary>
    IScrubPasses Scrubs { get; }

    /// <summary>Tells what other servers of the same database have changed; null when there are none, because one
    /// process holds the database.</summary>
    IChannelMoves? Moves { get; }

    /// <summary>Deleted releases, and how many a channel keeps.</summary>
    IRetentionCatalogue Retention { get; }

    /// <summary>Rows that nothing refers to any more.</summary>
    ICollectionCatalogue Collection { get; }

    /// <summary>Objects that nothing refers to any more.</summary>
    IObjectTrash Trash { get; }

    /// <summary>The restores by which the catalogue went back in time.</summary>
    IRestoreCatalogue Restores { get; }

    /// <summary>The backup that runs, and the last one that was made.</summary>
    IBackupCatalogue Backups { get; }

    /// <summary>The database engine and its version, such as <c>SQLite 3.53.3</c>.</summary>
    string Engine { get; }

    /// <summary>Copies all rows as of one moment into a catalogue of any engine, in one transaction. Left out is what a
    /// restored server must not go on with: publishes under way, deltas, the trash, calls of devices.</summary>
    /// <param name="copy">A catalogue that holds nothing.</param>
    /// <exception cref="StoreUnavailableException">One of the databases fails.</exception>
    Task CopyToAsync(ICatalogue copy, CancellationToken cancellationToken = default);

    /// <summary>The number that tells this catalogue from all others; null when it has none yet. A copy of the database
    /// has the same.</summary>
    ValueTask<Guid?> FindIdAsync(CancellationToken cancellationToken = default);

    /// <summary>Gives a catalogue without a number the proposed one; any other keeps its own.</summary>
    /// <returns>The number that it has now.</returns>
    Task<Guid> EnsureIdAsync(Guid proposed, CancellationToken cancellationToken = default);
}
