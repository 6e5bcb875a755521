using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The chunks and recipes of the store, and where they are stored. Any number of callers at once.</summary>
/// <remarks>A row exists only after its object is durable: put the object first, then add it here. Each question is
/// answered from one domain: what other domains have counts as missing.</remarks>
public interface IChunkIndex
{
    /// <summary>Finds the chunks that the store lacks. A chunk that is condemned counts as missing: it may be removed
    /// before the commit (<see cref="ICollectionCatalogue"/>).</summary>
    /// <param name="domain">The domain of the product that asks.</param>
    /// <param name="hashes">The chunks asked for.</param>
    /// <param name="missing">
    /// At least one bit for each hash, least significant first; all of it is overwritten, a bit is set where the store
    /// lacks the chunk.
    /// </param>
    /// <returns>The number of missing chunks.</returns>
    ValueTask<int> FindMissingAsync(
        DedupDomain domain, ReadOnlyMemory<Digest> hashes, Memory<byte> missing,
        CancellationToken cancellationToken = default);

    /// <summary>Finds the chunks that a commit would lack: as <see cref="FindMissingAsync"/>, but for chunks that are
    /// condemned, which a commit takes back.</summary>
    /// <param name="domain">The domain of the product.</param>
    /// <param name="hashes">The chunks asked for.</param>
    /// <param name="lacking">As for <see cref="FindMissingAsync"/>.</param>
    /// <returns>The number of chunks.</returns>
    ValueTask<int> FindLackingAsync(
        DedupDomain domain, ReadOnlyMemory<Digest> hashes, Memory<byte> lacking,
        CancellationToken cancellationToken = default);

    /// <summary>Finds where chunks are stored.</summary>
    /// <param name="domain">The domain of the product.</param>
    /// <param name="hashes">The chunks asked for.</param>
    /// <param name="locations">
    /// At least one element for each hash; the default value for a chunk that the store lacks.
    /// </param>
    ValueTask FindAsync(
        DedupDomain domain, ReadOnlyMemory<Digest> hashes, Memory<ChunkLocation> locations,
        CancellationToken cancellationToken = default);

    /// <summary>Registers a durable pack. When it returns, the rows survive a power cut.</summary>
    /// <remarks>
    /// A chunk that is known already keeps its location, and is no longer condemned. May be repeated: the same pack
    /// again changes nothing.
    /// </remarks>
    /// <param name="pack">Its contents.</param>
    /// <param name="publish">The publish that brought it.</param>
    Task<PackGain> AddPackAsync(PackContents pack, Guid publish, CancellationToken cancellationToken = default);

    /// <summary>Registers durable recipes, which are no longer condemned. May be repeated.</summary>
    /// <param name="recipes">The recipes.</param>
    /// <param name="publish">The publish that brought them.</param>
    Task AddRecipesAsync(
        IReadOnlyList<StoredRecipe> recipes, Guid publish, CancellationToken cancellationToken = default);

    /// <summary>The lengths of the objects of recipes in bytes, in order; 0 where the store lacks one.</summary>
    /// <param name="domain">The domain of the product.</param>
    /// <param name="recipes">The digests of the recipes.</param>
    ValueTask<int[]> FindRecipeBytesAsync(
        DedupDomain domain, IReadOnlyList<Digest> recipes, CancellationToken cancellationToken = default);

    /// <summary>Takes objects out of the trash that a publish is about to store
    /// (<see cref="IObjectTrash"/>).</summary>
    /// <remarks>Call it before the object is put, while the publish lives. It writes only if one of them is in the
    /// trash.</remarks>
    /// <returns>False: one of them is being deleted; ask again in a moment.</returns>
    Task<bool> TryTakeBackAsync(IReadOnlyList<ObjectName> names, CancellationToken cancellationToken = default);
}

/// <summary>The location of a stored chunk.</summary>
/// <param name="Frame">The frame that holds it.</param>
/// <param name="PlainOffset">Its offset in the decoded frame, bytes.</param>
/// <param name="Length">Its plain length in bytes.</param>
public readonly record struct ChunkLocation(FrameLocation Frame, int PlainOffset, int Length)
{
    /// <summary>False for the default value, which stands for a chunk that the store lacks.</summary>
    public bool IsKnown => Length > 0;
}

/// <summary>The chunks of a pack that the store lacked before.</summary>
/// <param name="Chunks">The number of chunks.</param>
/// <param name="PlainBytes">Their plain bytes.</param>
public readonly record struct PackGain(long Chunks, long PlainBytes);

/// <summary>A recipe that is in the object store.</summary>
/// <param name="Digest">The name of the object: the digest of the recipe, named in its domain.</param>
/// <param name="Bytes">The length of the object.</param>
public readonly record struct StoredRecipe(Digest Digest, int Bytes);
