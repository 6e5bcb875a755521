using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>A chunk that a call asks for, under the name it asks by, and where it stands in the store.</summary>
/// <param name="Entry">Its file's place in the manifest.</param>
/// <param name="Number">Its place in the file, 0-based.</param>
/// <param name="Hash">Its digest.</param>
/// <param name="Location">Where it stands.</param>
internal readonly record struct WantedChunk(uint Entry, uint Number, Digest Hash, ChunkLocation Location);

/// <summary>One frame to send, as planned.</summary>
internal abstract record FetchStep
{
    /// <summary>What stands in the frame, in order: wanted chunks, and bytes to skip.</summary>
    public required IReadOnlyList<FrameSpan> Spans { get; init; }
}

/// <summary>A stored frame that goes out as it is.</summary>
/// <param name="Frame">Where it stands.</param>
internal sealed record WholeFrame(FrameLocation Frame) : FetchStep;

/// <summary>A frame to be put together from chunks of others.</summary>
/// <param name="Chunks">Its chunks, in order.</param>
/// <param name="PlainBytes">Their sum, at most <see cref="ChunkFrame.MaxPlainBytes"/>.</param>
internal sealed record GatheredFrame(IReadOnlyList<WantedChunk> Chunks, int PlainBytes) : FetchStep;
