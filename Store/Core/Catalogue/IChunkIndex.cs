using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A frame in a pack.</summary>
/// <param name="Pack">The pack's digest.</param>
/// <param name="Offset">Where the frame begins in the pack, bytes.</param>
/// <param name="StoredBytes">Its length there.</param>
/// <param name="PlainBytes">Its length when decoded.</param>
public readonly record struct FrameLocation(Digest Pack, int Offset, int StoredBytes, int PlainBytes);

/// <summary>Where a chunk stands.</summary>
/// <param name="Frame">The frame that holds it.</param>
/// <param name="PlainOffset">Where it begins in the decoded frame, bytes.</param>
/// <param name="Length">Its plain length in bytes.</param>
public readonly record struct ChunkLocation(FrameLocation Frame, int PlainOffset, int Length)
{
    /// <summary>False for the default value, which stands for a chunk that the store lacks.</summary>
    public bool IsKnown => Length > 0;
}

/// <summary>What a pack brought that was not there before.</summary>
/// <param name="Chunks">Chunks.</param>
/// <param name="PlainBytes">Their plain bytes.</param>
public readonly record struct PackGain(long Chunks, long PlainBytes);

/// <summary>A recipe that is in the object store.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Bytes">Its length.</param>
public readonly record struct StoredRecipe(Digest Digest, int Bytes);

/// <summary>Which chunks and recipes the store has and where. Any number of callers at once.</summary>
/// <remarks>A row exists only after the object it speaks of is durable: put the object first, tell the index
/// after.</remarks>
public interface IChunkIndex
{
    /// <summary>Says which chunks the store lacks.</summary>
    /// <param name="hashes">The chunks asked for.</param>
    /// <param name="missing">
    /// At least one bit for each hash, least significant first; all of it is overwritten, a bit is set where the store
    /// lacks the chunk.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many are missing.</returns>
    ValueTask<int> FindMissingAsync(
        ReadOnlyMemory<Digest> hashes, Memory<byte> missing, CancellationToken cancellationToken = default);

    /// <summary>Finds where chunks stand.</summary>
    /// <param name="hashes">The chunks asked for.</param>
    /// <param name="locations">
    /// As many places; each is overwritten, with the default value where the store lacks the chunk.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask FindAsync(
        ReadOnlyMemory<Digest> hashes, Memory<ChunkLocation> locations, CancellationToken cancellationToken = default);

    /// <summary>Registers a pack that is durable. When it returns, that survives a power cut.</summary>
    /// <remarks>
    /// A chunk that is known already stays where it is. The same pack again changes nothing. May be repeated.
    /// </remarks>
    /// <param name="pack">What it holds.</param>
    /// <param name="publish">The publish that brought it, so that a release's own share can be told.</param>
    /// <param name="cancellationToken">Ends the wait; never leaves half a pack registered.</param>
    Task<PackGain> AddPackAsync(PackContents pack, Guid publish, CancellationToken cancellationToken = default);

    /// <summary>Registers recipes that are durable. May be repeated.</summary>
    Task AddRecipesAsync(IReadOnlyList<StoredRecipe> recipes, CancellationToken cancellationToken = default);

    /// <summary>The lengths of recipes in bytes, in order; 0 where the store lacks one.</summary>
    ValueTask<int[]> FindRecipeBytesAsync(
        IReadOnlyList<Digest> recipes, CancellationToken cancellationToken = default);
}
