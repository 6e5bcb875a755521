using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Objects that no row refers to, until they are deleted; and packs, as compaction rewrites them.</summary>
/// <remarks>
/// An object is deleted in three steps: its row is marked as going, the object is deleted, its row is removed. A
/// process that is killed, or a deletion that fails, leaves a row that is going until the lease of the collection is
/// over; the next collection claims it again. Whoever is about to store an object takes it back first
/// (<c>IChunkIndex.TryTakeBackAsync</c>), and waits while it is going: the object that is deleted could be the one that
/// was just stored.
/// </remarks>
public interface IObjectTrash
{
    /// <summary>The objects of a kind that no row refers to, not even one of the trash.</summary>
    ValueTask<IReadOnlyList<Digest>> FindUnknownAsync(
        ObjectKind kind, IReadOnlyList<Digest> objects, CancellationToken cancellationToken = default);

    /// <summary>Moves objects to the trash that no row refers to.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="due">They stay at least until then.</param>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task AddAsync(
        CollectionLease lease, IReadOnlyList<TrashedObject> objects, DateTimeOffset due,
        CancellationToken cancellationToken = default);

    /// <summary>Marks objects as going: those that are due and that no living publish may have found.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="after">Only those after this one, by kind and digest; null from the first one on.</param>
    /// <param name="max">The most objects.</param>
    /// <returns>Objects to delete at once, within <see cref="ICollectionCatalogue.DeletionLimit"/>.</returns>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task<IReadOnlyList<TrashedObject>> ClaimAsync(
        CollectionLease lease, ObjectName? after, int max, CancellationToken cancellationToken = default);

    /// <summary>Removes the rows of objects that are deleted.</summary>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task RemoveAsync(
        CollectionLease lease, IReadOnlyList<TrashedObject> objects, CancellationToken cancellationToken = default);

    /// <summary>The next packs of which a smaller part than a percentage is needed, by number.</summary>
    ValueTask<IReadOnlyList<SparsePack>> ListSparseAsync(
        int percent, long after, int max, CancellationToken cancellationToken = default);

    /// <summary>The chunks that a pack is needed for, by their offsets.</summary>
    ValueTask<IReadOnlyList<PackedChunk>> ListChunksAsync(
        SparsePack pack, CancellationToken cancellationToken = default);

    /// <summary>Makes chunks point to a new pack, in one transaction, and moves the old packs to the trash that have no
    /// chunk left.</summary>
    /// <param name="lease">The collection.</param>
    /// <param name="pack">The new pack, durable.</param>
    /// <param name="from">The old packs; a chunk that points elsewhere by now stays as it is.</param>
    /// <param name="due">The old packs stay at least until then, for whoever reads from them.</param>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    Task MoveAsync(
        CollectionLease lease, PackContents pack, IReadOnlyList<SparsePack> from, DateTimeOffset due,
        CancellationToken cancellationToken = default);
}

/// <summary>An object in the trash.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
public readonly record struct TrashedObject(ObjectName Name, long Bytes);

/// <summary>A pack of which only a part is needed.</summary>
/// <param name="Number">Its number in the catalogue.</param>
/// <param name="Digest">Its name.</param>
/// <param name="LiveBytes">Stored bytes of the chunks that point to it.</param>
public readonly record struct SparsePack(long Number, Digest Digest, long LiveBytes);

/// <summary>A chunk of a pack.</summary>
/// <param name="Chunk">The chunk, by its name in the pack's domain.</param>
/// <param name="Frame">The frame that holds it.</param>
/// <param name="PlainOffset">Its offset in the decoded frame, bytes.</param>
public readonly record struct PackedChunk(ChunkRef Chunk, FrameLocation Frame, int PlainOffset);
