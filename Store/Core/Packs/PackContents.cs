using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>One frame of a pack and its chunks, in order.</summary>
/// <param name="Offset">The offset of the frame in the pack, bytes.</param>
/// <param name="StoredBytes">The frame's length in the pack.</param>
/// <param name="PlainBytes">Its length when decoded: the sum of the chunks' lengths.</param>
/// <param name="Chunks">The chunks by their names in the pack's domain, one after another from plain offset
/// 0.</param>
public sealed record PackFrame(int Offset, int StoredBytes, int PlainBytes, IReadOnlyList<ChunkRef> Chunks)
{
    /// <summary>A chunk's share of the stored bytes, rounded so that the shares of all chunks add up to them.</summary>
    /// <param name="plainOffset">The offset of the chunk in the decoded frame.</param>
    /// <param name="length">The chunk's length.</param>
    public long StoredShare(int plainOffset, int length) =>
        FrameLocation.StoredShare(plainOffset, length, StoredBytes, PlainBytes);
}

/// <summary>The contents of a pack, as its trailer lists them and the catalogue records them.</summary>
/// <param name="Digest">The pack's name: the digest of all its bytes.</param>
/// <param name="StoredBytes">The length of the whole object, trailer included.</param>
/// <param name="Frames">The frames in the order of their offsets.</param>
public sealed record PackContents(Digest Digest, long StoredBytes, IReadOnlyList<PackFrame> Frames)
{
    /// <summary>The domain of the products that have its chunks.</summary>
    public DedupDomain Domain { get; init; } = DedupDomain.Shared;
}
