using System.Buffers.Binary;

namespace ChunkOta.Tests.Chunker.Compression;

/// <summary>Zstd frames made by hand (RFC 8878), honest and not, of raw and run-length blocks.</summary>
/// <remarks>What libzstd's encoder writes may change from version to version; these bytes never do.</remarks>
internal static class HandmadeZstd
{
    public const int MaxBlockBytes = 128 * 1024;

    private static readonly byte[] Magic = [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>A frame that declares its length and is its own window.</summary>
    public static byte[] SingleSegment(long declared, params byte[][] blocks) =>
        [.. Magic, 0b1110_0000, .. Length64(declared), .. blocks.SelectMany(block => block)];

    /// <summary>A frame with a window of 2^log bytes that declares its length.</summary>
    public static byte[] Windowed(int log, long declared, params byte[][] blocks) =>
        [.. Magic, 0b1100_0000, WindowDescriptor(log), .. Length64(declared), .. blocks.SelectMany(block => block)];

    /// <summary>A frame with a window of 2^log bytes that does not declare its length.</summary>
    public static byte[] Undeclared(int log, params byte[][] blocks) =>
        [.. Magic, 0, WindowDescriptor(log), .. blocks.SelectMany(block => block)];

    /// <summary>A frame that asks for dictionary 7.</summary>
    public static byte[] WithDictionaryId(byte declared, params byte[][] blocks) =>
        [.. Magic, 0b0010_0001, 7, declared, .. blocks.SelectMany(block => block)];

    /// <summary>A frame that decoders pass over.</summary>
    public static byte[] Skippable(params byte[] content) =>
        [0x50, 0x2A, 0x4D, 0x18, .. BitConverter.GetBytes(content.Length), .. content];

    public static byte[] Raw(bool isLast, params byte[] content) =>
        [.. BlockHeader(isLast, type: 0, content.Length), .. content];

    public static byte[] Repeat(bool isLast, byte value, int count) =>
        [.. BlockHeader(isLast, type: 1, count), value];

    /// <summary>As many run-length blocks as so many zeros need.</summary>
    public static byte[] Zeros(long count)
    {
        var blocks = new List<byte>();
        for (; count > MaxBlockBytes; count -= MaxBlockBytes)
            blocks.AddRange(Repeat(isLast: false, 0, MaxBlockBytes));
        return [.. blocks, .. Repeat(isLast: true, 0, (int)count)];
    }

    private static byte WindowDescriptor(int log) => (byte)((log - 10) << 3);

    private static byte[] Length64(long value) => BitConverter.GetBytes(value);

    private static byte[] BlockHeader(bool isLast, int type, int length)
    {
        Span<byte> header = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, (isLast ? 1 : 0) | (type << 1) | (length << 3));
        return header[..3].ToArray();
    }
}
