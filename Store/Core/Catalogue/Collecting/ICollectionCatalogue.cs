using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The catalogue as a collection sees it: finds what no release has, and removes its rows.</summary>
/// <remarks>
/// <para>One collection runs at a time, by a lease; each change checks it and renews it, so that a collection that lost
/// its lease can change nothing any more. Every call is one short transaction.</para>
/// <para>A row goes in two steps. First it is condemned, under the number of the collection, its generation: from then
/// on it does not count as stored for a publish that asks. It is removed when every publish that began in that
/// generation or before has ended; a commit that needs it takes it back. Commits are counted, so that a change that
/// rests on a list of all releases can tell that the list is complete.</para>
/// </remarks>
public interface ICollectionCatalogue
{
    /// <summary>The most by which the clocks of two servers may differ.</summary>
    static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>Time limit for the deletion of the objects of one claim.</summary>
    static readonly TimeSpan DeletionLimit = TimeSpan.FromMinutes(1);

    /// <summary>The life of a lease that no change renews. Even for a server whose clock is ahead, a minute is left
    /// after the last deletion of a claim, in which a call that was given up may still arrive.</summary>
    static readonly TimeSpan Lease = DeletionLimit + TimeSpan.FromMinutes(1) + ClockSkew;

    /// <summary>Begins a collection; null while another one runs.</summary>
    Task<CollectionLease?> BeginAsync(CancellationToken cancellationToken = default);

    /// <summary>Renews the lease of a collection that only reads for a while.</summary>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task RenewAsync(CollectionLease lease, CancellationToken cancellationToken = default);

    /// <summary>Begins the next generation: publishes that begin from now on know what is condemned.</summary>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task AdvanceAsync(CollectionLease lease, CancellationToken cancellationToken = default);

    /// <summary>Ends a collection and records how.</summary>
    /// <remarks>Its lease ends with it, unless an object is still going: a call that was given up may yet delete it, so
    /// the lease runs out by itself, and until then nobody stores that object.</remarks>
    /// <param name="lease">Nothing happens when it was lost.</param>
    /// <param name="figures">What it did.</param>
    /// <param name="error">One line; empty when it succeeded.</param>
    Task EndAsync(
        CollectionLease lease, CollectionFigures figures, string error, CancellationToken cancellationToken = default);

    /// <summary>The last collection, and what is waiting to be deleted.</summary>
    ValueTask<CollectionState> ReadStateAsync(CancellationToken cancellationToken = default);

    /// <summary>Stored bytes of the condemned chunks; it looks at each of them.</summary>
    ValueTask<long> MeasureCondemnedAsync(CancellationToken cancellationToken = default);

    /// <summary>Gives up the content of a release that was deleted long enough ago, with its deltas; those from it stay
    /// while devices run it.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="manifest">The release.</param>
    /// <param name="deletedUntil">It is purged only if it was deleted then or before.</param>
    /// <param name="devicesSince">Only devices that have reported since then count.</param>
    /// <returns>False when it is not due: it is visible again, or a delta from it is still to be built.</returns>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task<bool> PurgeAsync(
        CollectionLease lease, Digest manifest, DateTimeOffset deletedUntil, DateTimeOffset devicesSince,
        CancellationToken cancellationToken = default);

    /// <summary>All releases whose content must stay: those that are visible or in the trash.</summary>
    ValueTask<CollectionRoots> ReadRootsAsync(CancellationToken cancellationToken = default);

    /// <summary>The numbers of chunks or of recipes of a domain, in order; 0 where it lacks one.</summary>
    ValueTask<long[]> FindNumbersAsync(
        DedupDomain domain, MarkedKind kind, ReadOnlyMemory<Digest> digests,
        CancellationToken cancellationToken = default);

    /// <summary>The next claims of products on chunks, by chunk and product.</summary>
    ValueTask<IReadOnlyList<ChunkClaim>> ListClaimsAsync(
        ChunkClaim after, int max, CancellationToken cancellationToken = default);

    /// <summary>The stored bytes of chunks.</summary>
    ValueTask<long> MeasureAsync(IReadOnlyList<long> chunks, CancellationToken cancellationToken = default);

    /// <summary>The state of a chunk in a domain; null when the domain lacks it.</summary>
    ValueTask<ChunkFate?> FindChunkAsync(
        DedupDomain domain, Digest hash, CancellationToken cancellationToken = default);

    /// <summary>The next recipes, by number.</summary>
    ValueTask<IReadOnlyList<long>> ListRecipesAsync(
        long after, int max, CancellationToken cancellationToken = default);

    /// <summary>Drops claims of products on chunks that none of their releases has.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="claims">The claims.</param>
    /// <param name="commits">The number of commits after which no release had them.</param>
    /// <returns>False: more was committed since, and nothing is changed.</returns>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task<bool> DropClaimsAsync(
        CollectionLease lease, IReadOnlyList<ChunkClaim> claims, long commits,
        CancellationToken cancellationToken = default);

    /// <summary>Condemns recipes that no release has; products forget the files that they make.</summary>
    /// <returns>False: more was committed since <paramref name="commits"/>, and nothing is changed.</returns>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task<bool> CondemnRecipesAsync(
        CollectionLease lease, IReadOnlyList<long> recipes, long commits,
        CancellationToken cancellationToken = default);

    /// <summary>Condemns the chunks of a range of numbers that no product claims and no living publish has
    /// brought.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="after">The range begins after this number.</param>
    /// <param name="max">The most numbers in the range.</param>
    /// <returns>The last number of the range; null when there is no chunk after it.</returns>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task<long?> CondemnChunksAsync(
        CollectionLease lease, long after, int max, CancellationToken cancellationToken = default);

    /// <summary>Removes condemned rows that no living publish may have found, and packs without chunks; their objects
    /// go to the trash.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="max">The most rows of each kind.</param>
    /// <returns>The rows that were removed; zero when nothing is left to do.</returns>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task<RemovedRows> RemoveAsync(CollectionLease lease, int max, CancellationToken cancellationToken = default);
}

/// <summary>A collection that runs.</summary>
/// <param name="Epoch">Its number; the highest one holds the lease.</param>
public sealed record CollectionLease(long Epoch);

/// <summary>The rows that a collection marks by their numbers.</summary>
public enum MarkedKind
{
    /// <summary>Chunks.</summary>
    Chunk,

    /// <summary>Recipes.</summary>
    Recipe,
}

/// <summary>The releases whose content must stay.</summary>
/// <param name="Commits">The number of commits at this moment.</param>
/// <param name="Releases">The releases.</param>
public sealed record CollectionRoots(long Commits, IReadOnlyList<ReleaseRoot> Releases);

/// <summary>A release whose content must stay.</summary>
/// <param name="Product">The number of its product.</param>
/// <param name="Manifest">Its manifest.</param>
public readonly record struct ReleaseRoot(long Product, Digest Manifest);

/// <summary>A product says that one of its releases has a chunk.</summary>
/// <param name="Chunk">The number of the chunk.</param>
/// <param name="Product">The number of the product.</param>
public readonly record struct ChunkClaim(long Chunk, long Product);

/// <summary>The state of a chunk of the store.</summary>
/// <param name="Pack">The pack that holds it.</param>
/// <param name="Products">The products that claim it, sorted.</param>
/// <param name="IsCondemned">No release had it when the last collection looked; it goes when all publishes have ended
/// that may have found it.</param>
/// <param name="Added">When its pack was added.</param>
public sealed record ChunkFate(
    Digest Pack, IReadOnlyList<string> Products, bool IsCondemned, DateTimeOffset Added);

/// <summary>Rows that were removed.</summary>
/// <param name="Chunks">Chunks.</param>
/// <param name="Recipes">Recipes.</param>
/// <param name="Packs">Packs.</param>
public readonly record struct RemovedRows(int Chunks, int Recipes, int Packs)
{
    /// <summary>Nothing was left to remove.</summary>
    public bool IsEmpty => Chunks == 0 && Recipes == 0 && Packs == 0;
}
