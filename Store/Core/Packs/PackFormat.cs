namespace ChunkOta.Storage;

/// <summary>The bytes of a pack (docs/format.md, "Pack"); all numbers are little-endian.</summary>
/// <remarks>
/// <code>
/// header   0   4  magic "COPK"
///          4   4  format version: 1, or 2 for a pack of an isolated product
/// frames   8      one after another, no gaps (docs/format.md, "Frame")
/// trailer     32  in version 2 alone: the mask of the product's domain, not zero
///              4  number of frames, at least 1
///              for each frame, in order:
///              4  its offset in the pack
///              4  its length in the pack
///              4  its plain length, at most 524,288
///              4  number of its chunks, at least 1
///                 for each chunk, in order:
///             32  its name: BLAKE3 digest of its plain bytes; in version 2 combined with the mask, bit by bit
///              4  its plain length, at least 1
/// footer   0  32  BLAKE3 digest of the trailer
///         32   4  length of the trailer
///         36   4  format version, the same again
///         40   4  magic "KPOC"
/// </code>
/// A reader that has the footer can find everything else. The pack is named by the digest of all its bytes.
/// </remarks>
internal static class PackFormat
{
    internal const int HeaderBytes = 8;
    internal const int FooterBytes = 44;
    internal const int FrameEntryBytes = 16;
    internal const int ChunkEntryBytes = 36;
    internal const int CountBytes = 4;
    internal const int MaskBytes = 32;

    /// <summary>The version of a pack that all products may share.</summary>
    internal const uint SharedVersion = 1;

    /// <summary>The version of a pack of one isolated product.</summary>
    internal const uint IsolatedVersion = 2;

    /// <summary>The smallest trailer: one frame of one chunk.</summary>
    internal const int MinTrailerBytes = CountBytes + FrameEntryBytes + ChunkEntryBytes;

    /// <summary>The smallest pack.</summary>
    internal const int MinBytes = HeaderBytes + MinTrailerBytes + FooterBytes;

    /// <summary>The most plain bytes that a frame decodes to.</summary>
    internal const int MaxFramePlainBytes = 512 * 1024;

    internal static ReadOnlySpan<byte> Magic => "COPK"u8;

    internal static ReadOnlySpan<byte> EndMagic => "KPOC"u8;
}
