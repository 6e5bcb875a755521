using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>What a release holds, with proof that the store has all of it.</summary>
/// <param name="LogicalBytes">The sum of all files' sizes.</param>
/// <param name="FileCount">Files, empty ones included.</param>
/// <param name="ChunkCount">Chunks, counted once for every place they stand in.</param>
/// <param name="Files">Every distinct file that is not empty, once.</param>
/// <param name="Chunks">Every distinct chunk, once.</param>
public sealed record ReleaseContents(
    long LogicalBytes,
    long FileCount,
    long ChunkCount,
    IReadOnlyCollection<KnownFile> Files,
    IReadOnlyCollection<ChunkRef> Chunks);
