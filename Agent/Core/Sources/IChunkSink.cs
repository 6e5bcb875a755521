using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>Takes verified chunks that are missing.</summary>
internal interface IChunkSink
{
    /// <summary>Writes a chunk everywhere it is missing and takes it off the demand.</summary>
    /// <param name="chunk">A chunk that is missing.</param>
    /// <exception cref="ChunkOtaException"><c>FILE_HASH</c>: it completed a file,
    /// and the file is not the one that was signed.</exception>
    void Write(VerifiedChunk chunk);
}
