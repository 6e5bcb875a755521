using ChunkOta.Durable;

namespace ChunkOta.Server;

/// <summary>A connection on which the kernel sends files by itself, without copying them through this
/// process.</summary>
internal interface IFileSender
{
    /// <summary>Replaces the next bytes of a body by those of a file.</summary>
    /// <remarks>The body's writer is advanced and flushed as for other bytes, at most <see cref="MaxPieceBytes"/> at a
    /// time, but its memory is not written. All bytes must be flushed before anything else is written.</remarks>
    /// <param name="file">The file, which never changes; the caller's, who closes it when all is flushed or the
    /// connection is gone.</param>
    /// <param name="offset">The offset of the first byte in the file.</param>
    /// <param name="length">The number of bytes.</param>
    void Begin(DurableFile file, long offset, long length);

    /// <summary>The most bytes that are flushed at once.</summary>
    int MaxPieceBytes { get; }
}
