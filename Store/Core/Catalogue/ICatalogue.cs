namespace ChunkOta.Storage;

/// <summary>What we know, in SQL: six capabilities over one database.</summary>
/// <remarks>
/// A write that has returned survives a power cut. Calls throw <see cref="CatalogueRefusedException"/> for what is
/// refused, <c>STORE_FULL</c> when the disk is full and <see cref="StoreUnavailableException"/> when the database
/// fails.
/// </remarks>
public interface ICatalogue : IAsyncDisposable
{
    /// <summary>Which chunks and recipes there are, and where.</summary>
    IChunkIndex Chunks { get; }

    /// <summary>Releases and channels.</summary>
    IReleaseCatalogue Releases { get; }

    /// <summary>Publishes that are under way.</summary>
    IPublishLeases Publishes { get; }

    /// <summary>Products, tokens and devices.</summary>
    IIdentityCatalogue Identities { get; }

    /// <summary>Deltas that were made.</summary>
    IDeltaCatalogue Deltas { get; }

    /// <summary>Deltas that are to be made.</summary>
    IDeltaJobs DeltaJobs { get; }

    /// <summary>The database engine and its version, such as <c>SQLite 3.53.3</c>.</summary>
    string Engine { get; }
}
