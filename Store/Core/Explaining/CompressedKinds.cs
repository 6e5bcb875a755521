namespace ChunkOta.Storage;

/// <summary>Tells compressed files by how they begin. Pure.</summary>
internal static class CompressedKinds
{
    /// <summary>The number of leading bytes that identify a kind.</summary>
    public const int StartBytes = 8;

    /// <summary>The kind of compressed file that begins so; null for anything else.</summary>
    public static string? Find(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("PK\x03\x04"u8)) return "zip";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])) return "gzip";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])) return "xz";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])) return "zstd";
        if (start.StartsWith("BZh"u8)) return "bzip2";
        if (start.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c])) return "7z";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])) return "png";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff])) return "jpeg";
        if (start.StartsWith("hsqs"u8)) return "squashfs";
        if (start.StartsWith("wOF2"u8)) return "woff2";
        return null;
    }
}
