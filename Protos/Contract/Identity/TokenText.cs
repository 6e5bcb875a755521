using System.Buffers.Binary;
using System.Buffers.Text;

namespace ChunkOta.Protos;

/// <summary>
/// The text form of all tokens: a prefix, then base64url of the fields and their CRC-32 (little-endian).
/// </summary>
/// <remarks>The checksum tells a mistyped or cut-off token from a wrong one; it keeps nothing secret.</remarks>
internal static class TokenText
{
    private const int ChecksumBytes = 4;

    public static string Write(string prefix, ReadOnlySpan<byte> fields)
    {
        Span<byte> whole = stackalloc byte[fields.Length + ChecksumBytes];
        fields.CopyTo(whole);
        BinaryPrimitives.WriteUInt32LittleEndian(whole[fields.Length..], Crc32.Of(fields));
        return prefix + Base64Url.EncodeToString(whole);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, and nothing else that would decode to the same.</summary>
    /// <param name="prefix">What the text must begin with.</param>
    /// <param name="text">Any text.</param>
    /// <param name="fields">Gets exactly as many bytes as it is long.</param>
    public static bool TryRead(string prefix, string? text, Span<byte> fields)
    {
        Span<byte> whole = stackalloc byte[fields.Length + ChecksumBytes];
        if (text is null || text.Length != prefix.Length + Base64Url.GetEncodedLength(whole.Length)
            || !text.StartsWith(prefix, StringComparison.Ordinal)
            || !Base64UrlText.TryDecode(text.AsSpan(prefix.Length), whole)
            || BinaryPrimitives.ReadUInt32LittleEndian(whole[fields.Length..]) != Crc32.Of(whole[..fields.Length]))
            return false;
        whole[..fields.Length].CopyTo(fields);
        return true;
    }
}
