using System.Buffers;
using System.Buffers.Text;

namespace ChunkOta.Protos;

/// <summary>Base64url without padding, in its one canonical spelling.</summary>
internal static class Base64UrlText
{
    /// <summary>Decodes a text that encodes exactly as many bytes as the destination is long.</summary>
    /// <returns>False for white space, padding, unused bits that are set, or another length.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (text.Length != Base64Url.GetEncodedLength(destination.Length)
            || Base64Url.DecodeFromChars(text, destination, out var consumed, out var written) != OperationStatus.Done
            || consumed != text.Length || written != destination.Length)
            return false;
        Span<char> again = stackalloc char[text.Length];
        return Base64Url.TryEncodeToChars(destination, again, out _) && text.SequenceEqual(again);
    }
}
