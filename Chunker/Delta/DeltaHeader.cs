using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>The first bytes of a delta object: its releases, and the lengths of its parts.</summary>
/// <remarks>
/// <code>
/// offset bytes
///  0      4    magic "CODL"
///  4      4    version, 1; any other is refused
///  8     32    digest of the manifest of the installed release
/// 40     32    digest of the manifest of the new release
/// 72      4    files, at least 1
/// 76      8    c: length of the coded part
/// 84      8    f: length of the frames
/// 92      8    plain length of the inserts
/// 100          coded part (c bytes), frames (f bytes), one zstd frame of inserts (the rest; absent when empty)
/// </code>
/// Little-endian.
/// </remarks>
internal readonly record struct DeltaHeader(
    Digest From, Digest To, int Files, long CodedBytes, long FrameBytes, long InsertBytes)
{
    /// <summary>The header's own length.</summary>
    public const int Length = 100;

    /// <summary>Largest sum of base and target of a prefix frame: a device holds both in memory.</summary>
    public const int MaxPrefixBytes = 32 << 20;

    private const uint Version = 1;

    /// <summary>Offset in the object at which the frames begin.</summary>
    public long FramesStart => Length + CodedBytes;

    /// <summary>Offset in the object at which the frames end and the inserts begin.</summary>
    public long FramesEnd => FramesStart + FrameBytes;

    private static ReadOnlySpan<byte> Magic => "CODL"u8;

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Version);
        From.CopyTo(destination[8..]);
        To.CopyTo(destination[40..]);
        BinaryPrimitives.WriteInt32LittleEndian(destination[72..], Files);
        BinaryPrimitives.WriteInt64LittleEndian(destination[76..], CodedBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[84..], FrameBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[92..], InsertBytes);
    }

    /// <summary>Reads a header and checks that its parts fit the object.</summary>
    /// <exception cref="DeltaBadException">Not a delta of this version, or its parts do not fit.</exception>
    public static DeltaHeader Read(IBaseReader delta)
    {
        if (delta.Length < Length)
            throw new DeltaBadException("it is too short");
        Span<byte> bytes = stackalloc byte[Length];
        delta.Read(0, bytes);
        if (!bytes.StartsWith(Magic))
            throw new DeltaBadException("it does not begin like a delta");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) is var version and not Version)
            throw new DeltaBadException($"it has version {version}, and only version {Version} is supported");

        var header = new DeltaHeader(
            Digest.FromBytes(bytes.Slice(8, Digest.Size)),
            Digest.FromBytes(bytes.Slice(40, Digest.Size)),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[72..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[76..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[84..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[92..]));
        var rest = delta.Length - Length;
        if (header.Files < 1 || header.InsertBytes < 0
            || header.CodedBytes < 0 || header.CodedBytes > rest
            || header.FrameBytes < 0 || header.FrameBytes > rest - header.CodedBytes)
        {
            throw new DeltaBadException("its parts do not fit its length");
        }

        return header;
    }
}
