namespace ChunkOta.Storage;

/// <summary>What we know, in SQL: four capabilities over one database.</summary>
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

    /// <summary>The database engine and its version, such as <c>SQLite 3.40.1</c>.</summary>
    string Engine { get; }
}
