using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>
/// The header of a zstd frame (RFC 8878, 3.1.1.1), checked before the frame is expanded.
/// </summary>
/// <param name="ContentBytes">The declared plain length; null if none is declared.</param>
/// <param name="WindowBytes">Longest distance of its matches: the bytes that a streaming reader must keep.</param>
/// <param name="HasDictionaryId">True if it names a dictionary.</param>
internal readonly record struct ZstdFrameHeader(ulong? ContentBytes, ulong WindowBytes, bool HasDictionaryId)
{
    private const uint Magic = 0xFD2F_B528;

    private const int MinLength = 6;

    /// <summary>Reads the header of the frame that begins <paramref name="frame"/>.</summary>
    /// <remarks>Skippable frames, frames of formats before 0.8 and the reserved bit are not accepted.</remarks>
    public static bool TryRead(ReadOnlySpan<byte> frame, out ZstdFrameHeader header)
    {
        header = default;
        if (frame.Length < MinLength || BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic)
            return false;

        var descriptor = frame[4];
        var isSingleSegment = (descriptor & 0x20) != 0;
        var isReservedSet = (descriptor & 0x08) != 0;
        var dictionaryIdLength = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        var contentLength = (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        var windowLength = isSingleSegment ? 0 : 1;
        var contentAt = 5 + windowLength + dictionaryIdLength;
        if (isReservedSet || frame.Length < contentAt + contentLength)
            return false;

        var content = ReadContentBytes(frame.Slice(contentAt, contentLength));
        var window = isSingleSegment ? content.GetValueOrDefault() : ReadWindowBytes(frame[5]);
        header = new ZstdFrameHeader(content, window, dictionaryIdLength > 0);
        return true;
    }

    private static ulong? ReadContentBytes(ReadOnlySpan<byte> field) => field.Length switch
    {
        0 => null,
        1 => field[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(field) + 256UL,
        4 => BinaryPrimitives.ReadUInt32LittleEndian(field),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(field),
    };

    private static ulong ReadWindowBytes(byte descriptor)
    {
        var power = 1UL << (10 + (descriptor >> 3));
        return power + (power / 8 * (descriptor & 7u));
    }
}
