using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The location of a frame in a pack.</summary>
/// <param name="Pack">The pack's digest.</param>
/// <param name="Offset">Its offset in the pack, bytes.</param>
/// <param name="StoredBytes">Its length in the pack.</param>
/// <param name="PlainBytes">Its decoded length.</param>
public readonly record struct FrameLocation(Digest Pack, int Offset, int StoredBytes, int PlainBytes)
{
    /// <summary>A chunk's share of its frame's stored bytes, rounded so that the shares of a frame add up to
    /// them.</summary>
    /// <param name="plainOffset">The offset of the chunk in the decoded frame.</param>
    /// <param name="length">The chunk's length.</param>
    /// <param name="frameStoredBytes">The stored length of the frame.</param>
    /// <param name="framePlainBytes">The decoded length of the frame.</param>
    public static long StoredShare(int plainOffset, int length, int frameStoredBytes, int framePlainBytes) =>
        (((long)plainOffset + length) * frameStoredBytes / framePlainBytes)
        - ((long)plainOffset * frameStoredBytes / framePlainBytes);
}
