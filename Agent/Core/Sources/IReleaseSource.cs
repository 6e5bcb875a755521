using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A source of the bytes of releases: a server, or anything else that holds them.</summary>
/// <remarks>
/// Nothing that comes out of it is trusted before it is verified. Every call may be repeated, and throws
/// <see cref="ChunkOtaException"/> with the source's code, or <c>SERVER_UNAVAILABLE</c>.
/// </remarks>
internal interface IReleaseSource
{
    /// <summary>Fetches the recipes of some entries of a release.</summary>
    /// <param name="manifest">The digest of the release's manifest.</param>
    /// <param name="entries">Indexes of entries that have a recipe, ascending.</param>
    /// <param name="offset">The offset in the first recipe, bytes. A source that cannot begin there begins at the
    /// start.</param>
    /// <returns>The recipes in parts, in the order of <paramref name="entries"/>.</returns>
    IAsyncEnumerable<RecipePart> FetchRecipesAsync(
        Digest manifest, IReadOnlyList<int> entries, long offset, CancellationToken cancellationToken);

    /// <summary>Fetches chunks of a release.</summary>
    /// <param name="manifest">The digest of the release's manifest.</param>
    /// <param name="ranges">At most <see cref="ChunkDemand.MaxRangesPerCall"/>.</param>
    /// <param name="portion">The part that is wanted, when <paramref name="ranges"/> is one chunk; null for whole
    /// chunks. A source that cannot send parts sends the chunk.</param>
    /// <returns>Frames that hold them, in any order; each is the caller's to dispose of. A part is one frame, all of it
    /// to be skipped.</returns>
    IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
        Digest manifest,
        IReadOnlyList<WantedChunks> ranges,
        ChunkPortion? portion,
        CancellationToken cancellationToken);

    /// <summary>Fetches a delta from an offset on.</summary>
    /// <param name="manifest">The digest of the manifest of the release that the delta makes.</param>
    /// <param name="delta">The digest of the delta.</param>
    /// <param name="offset">The offset in the delta, bytes.</param>
    /// <returns>Its bytes in order; each piece is valid until the next is asked for.</returns>
    IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
        Digest manifest, Digest delta, long offset, CancellationToken cancellationToken);
}

/// <summary>A part of a recipe; parts of one recipe follow each other.</summary>
/// <param name="Entry">The index of the entry that the recipe is of.</param>
/// <param name="Bytes">The next bytes of the recipe; the receiver's.</param>
/// <param name="Offset">The offset of the first of them, bytes. Known of the first part of a call alone.</param>
internal readonly record struct RecipePart(long Entry, ReadOnlyMemory<byte> Bytes, long Offset);
