using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The state that <see cref="CommitRules"/> reads and changes in one transaction.</summary>
public interface ICommitTransaction : IPointerTransaction
{
    /// <summary>The lease of a publish, ended or not; null when there is none.</summary>
    PublishLease? FindLease(Guid publish);

    /// <summary>Ends the protection that a lease gives to what its publish found: its release is visible and needs it
    /// from now on. The lease itself stays, so that the commit can be repeated.</summary>
    void SettleLease(Guid publish);

    /// <summary>The figures of a visible release; null when no visible release has the manifest.</summary>
    ReleaseFigures? FindFigures(Digest manifest);

    /// <summary>True when a release has, or had, the version: a deleted one keeps it.</summary>
    bool HasVersion(string product, string platform, string version);

    /// <summary>The versions that were ever current in a channel, in no order.</summary>
    IReadOnlyList<string> ListChannelVersions(string product, string platform, string channel);

    /// <summary>The first of some recipes that the store lacks; null when it has all.</summary>
    Digest? FindMissingRecipe(IReadOnlyList<Digest> recipes);

    /// <summary>Takes recipes back that a collection has condemned.</summary>
    void TakeBackRecipes(IReadOnlyList<Digest> recipes);

    /// <summary>Takes chunks back that a collection has condemned.</summary>
    void TakeBackChunks(IReadOnlyList<IndexedChunk> chunks);

    /// <summary>Finds chunks in the index; null for a chunk that the store lacks.</summary>
    IReadOnlyList<IndexedChunk?> FindChunks(IReadOnlyList<ChunkRef> chunks);

    /// <summary>Adds a release, its figures still zero where only its chunks tell them, and counts the
    /// commit.</summary>
    void AddRelease(NewRelease release);

    /// <summary>Adds whole files to a product, unless it has them.</summary>
    void AddFiles(string product, IReadOnlyCollection<KnownFile> files);

    /// <summary>Names a release as the first that has these chunks.</summary>
    void SetFirstRelease(Digest manifest, IReadOnlyList<IndexedChunk> chunks);

    /// <summary>Adds chunks to a product.</summary>
    /// <returns>The chunks that the product did not have before.</returns>
    IReadOnlyList<IndexedChunk> AddProductChunks(string product, IReadOnlyList<IndexedChunk> chunks);

    /// <summary>Adds to the bytes of a product's distinct chunks.</summary>
    void GrowProduct(string product, long plainBytes, long storedBytes);

    /// <summary>Counts what a publish brought as its release's: it is no longer pending.</summary>
    void SettleUpload(Guid publish);

    /// <summary>Sets the figures of a release that was added in this transaction.</summary>
    void SetFigures(Digest manifest, ReleaseFigures figures);
}

/// <summary>A chunk as the index has it.</summary>
/// <param name="Row">The index's own number for the chunk.</param>
/// <param name="PlainBytes">The chunk's length.</param>
/// <param name="PlainOffset">Its offset in the decoded frame.</param>
/// <param name="FrameStoredBytes">The stored length of its frame.</param>
/// <param name="FramePlainBytes">The decoded length of its frame.</param>
/// <param name="HasRelease">A visible release has the chunk.</param>
public readonly record struct IndexedChunk(
    long Row, int PlainBytes, int PlainOffset, int FrameStoredBytes, int FramePlainBytes, bool HasRelease)
{
    /// <summary>The chunk's share of its frame's stored bytes.</summary>
    public long StoredShare =>
        FrameLocation.StoredShare(PlainOffset, PlainBytes, FrameStoredBytes, FramePlainBytes);
}
