using System.Numerics;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A manifest as a server sends it: one zstd frame, against the manifest that the device holds.</summary>
internal static class ReceivedManifest
{
    private const ulong MaxPayloadBytes = 64 * 1024 * 1024;
    private const ulong MaxPrefixedBytes = 32 * 1024 * 1024;
    private const int MaxWindowLog = 26;
    private const int MinWindowLog = 10;

    /// <summary>Checks what the server announces before anything is allocated by it.</summary>
    /// <param name="payloadBytes">The manifest's length; signed where a pointer names it.</param>
    /// <param name="sentBytes">The length of the frame.</param>
    /// <param name="prefixBytes">The length of the held manifest, 0 for none.</param>
    /// <returns>The length of the frame.</returns>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>.</exception>
    public static int CheckLengths(ulong payloadBytes, ulong sentBytes, int prefixBytes)
    {
        var limit = prefixBytes > 0
            ? MaxPrefixedBytes - Math.Min(MaxPrefixedBytes, (ulong)prefixBytes)
            : MaxPayloadBytes;
        if (payloadBytes > limit)
        {
            throw new ChunkOtaException(
                ErrorCodes.TooLarge, $"a manifest of {payloadBytes} bytes is above the limit of {limit}");
        }
        // Incompressible bytes grow a little: by 1/256 and a header.
        if (sentBytes > payloadBytes + (payloadBytes / 256) + 1024)
            throw new ChunkOtaException(ErrorCodes.TooLarge, "the manifest is longer as sent than as signed");
        return (int)sentBytes;
    }

    /// <summary>Decompresses the payload.</summary>
    /// <param name="sent">The zstd frame.</param>
    /// <param name="payloadBytes">The payload's length, checked.</param>
    /// <param name="prefix">The held manifest's payload, or nothing.</param>
    /// <returns>The payload, unverified.</returns>
    /// <exception cref="ChunkOtaException"><c>FRAME_INVALID</c>, <c>DECOMPRESS_LIMIT</c>.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> sent, int payloadBytes, ReadOnlySpan<byte> prefix)
    {
        var payload = new byte[payloadBytes];
        using var decoder = new ZstdDecoder();
        var window = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(payloadBytes + prefix.Length + 1)));
        decoder.Decode(sent, payload, prefix, Math.Clamp(window, MinWindowLog, MaxWindowLog));
        return payload;
    }
}
