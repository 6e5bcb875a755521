using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store;

/// <summary>Questions about the domain that products share.</summary>
internal static class SharedDomain
{
    public static ValueTask<int> FindMissingAsync(
        this IChunkIndex index, ReadOnlyMemory<Digest> hashes, Memory<byte> missing,
        CancellationToken cancellationToken = default) =>
        index.FindMissingAsync(DedupDomain.Shared, hashes, missing, cancellationToken);

    public static ValueTask FindAsync(
        this IChunkIndex index, ReadOnlyMemory<Digest> hashes, Memory<ChunkLocation> locations,
        CancellationToken cancellationToken = default) =>
        index.FindAsync(DedupDomain.Shared, hashes, locations, cancellationToken);

    public static ValueTask<int[]> FindRecipeBytesAsync(this IChunkIndex index, IReadOnlyList<Digest> recipes) =>
        index.FindRecipeBytesAsync(DedupDomain.Shared, recipes);
}
