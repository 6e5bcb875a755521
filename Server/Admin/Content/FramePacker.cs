using ChunkOta.Chunking;

namespace ChunkOta.Admin;

/// <summary>The position of a chunk's bytes in the source tree, to read them again.</summary>
/// <param name="Index">The index of the entry in the tree.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Chunk">What must be there.</param>
internal readonly record struct SourceChunk(int Index, long Offset, ChunkRef Chunk);

/// <summary>The chunks that travel together in one frame, in order.</summary>
/// <param name="Chunks">At least one.</param>
/// <param name="PlainBytes">The sum of their lengths, at most <see cref="ChunkFrame.MaxPlainBytes"/>.</param>
internal sealed record FramePlan(IReadOnlyList<SourceChunk> Chunks, int PlainBytes);

/// <summary>
/// Puts chunks into frames: neighbours of the tree together, so that small files are compressed like one.
/// </summary>
internal static class FramePacker
{
    /// <summary>
    /// Frames for the chunks, every chunk once, in order; one is closed before it would grow too long.
    /// </summary>
    public static IEnumerable<FramePlan> Pack(IEnumerable<SourceChunk> chunks)
    {
        List<SourceChunk> open = [];
        var plainBytes = 0;
        foreach (var chunk in chunks)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk.Chunk.Length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Chunk.Length, ChunkFrame.MaxPlainBytes);
            if (plainBytes + chunk.Chunk.Length > ChunkFrame.MaxPlainBytes)
            {
                yield return new FramePlan(open, plainBytes);
                open = [];
                plainBytes = 0;
            }

            open.Add(chunk);
            plainBytes += chunk.Chunk.Length;
        }

        if (open.Count > 0)
            yield return new FramePlan(open, plainBytes);
    }
}
