using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The location of a frame in a pack.</summary>
/// <param name="Pack">The pack's digest.</param>
/// <param name="Offset">Its offset in the pack, bytes.</param>
/// <param name="StoredBytes">Its length in the pack.</param>
/// <param name="PlainBytes">Its decoded length.</param>
public readonly record struct FrameLocation(Digest Pack, int Offset, int StoredBytes, int PlainBytes);
