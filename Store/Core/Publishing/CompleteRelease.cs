using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The contents of a new release, as proof that the store has all of them.</summary>
/// <param name="LogicalBytes">The sum of all files' sizes.</param>
/// <param name="FileCount">Files, empty ones included.</param>
/// <param name="ChunkCount">Chunks, each counted once for every time a file has it.</param>
/// <param name="Files">Every distinct file that is not empty, once.</param>
/// <param name="Chunks">Every distinct chunk, once.</param>
internal sealed record CompleteRelease(
    long LogicalBytes,
    long FileCount,
    long ChunkCount,
    IReadOnlyCollection<KnownFile> Files,
    IReadOnlyCollection<ChunkRef> Chunks);
