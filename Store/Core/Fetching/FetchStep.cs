using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>A requested chunk and its location in the store.</summary>
/// <param name="Entry">The index of its file in the manifest.</param>
/// <param name="Number">Its index in the file, from 0.</param>
/// <param name="Hash">Its digest.</param>
/// <param name="Location">Its location.</param>
internal readonly record struct WantedChunk(uint Entry, uint Number, Digest Hash, ChunkLocation Location);

/// <summary>One frame to send, as planned.</summary>
internal abstract record FetchStep
{
    /// <summary>The contents of the frame, in order: wanted chunks, and bytes to skip.</summary>
    public required IReadOnlyList<FrameSpan> Spans { get; init; }
}

/// <summary>A stored frame that is sent unchanged.</summary>
/// <param name="Frame">Its location.</param>
/// <param name="Chunks">Those of its chunks that are wanted.</param>
internal sealed record WholeFrame(FrameLocation Frame, IReadOnlyList<WantedChunk> Chunks) : FetchStep;

/// <summary>A frame to be built from chunks of others.</summary>
/// <param name="Chunks">Its chunks, in order.</param>
/// <param name="PlainBytes">Their sum, at most <see cref="ChunkFrame.MaxPlainBytes"/>.</param>
internal sealed record GatheredFrame(IReadOnlyList<WantedChunk> Chunks, int PlainBytes) : FetchStep;
