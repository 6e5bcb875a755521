using System.Buffers;
using System.Numerics;
using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>A manifest as it travels: one zstd frame, against a manifest that the receiver has.</summary>
/// <remarks>docs/format.md, "Manifest transfer". What comes out is not verified yet.</remarks>
public static class ManifestTransfer
{
    /// <summary>A prefix is used only where both manifests together have no more bytes: receivers bound their memory
    /// by it.</summary>
    public const long MaxPrefixedBytes = 32 * 1024 * 1024;

    private const int MaxWindowLog = 26;
    private const int MinWindowLog = 10;

    /// <summary>Compresses a manifest.</summary>
    /// <param name="plain">The manifest.</param>
    /// <param name="held">The manifest that the receiver has; empty for none.</param>
    /// <param name="level">The zstd level, 1 to 19.</param>
    /// <returns>The frame, and whether the held manifest is needed to read it.</returns>
    public static (byte[] Frame, bool UsesPrefix) Encode(
        ReadOnlyMemory<byte> plain, ReadOnlyMemory<byte> held, int level)
    {
        var prefix = held.Length + (long)plain.Length > MaxPrefixedBytes ? default : held;
        var buffer = ArrayPool<byte>.Shared.Rent(ZstdEncoder.MaxEncodedLength(plain.Length));
        try
        {
            using var encoder = new ZstdEncoder(level);
            var length = encoder.Encode(plain.Span, buffer, prefix.Span);
            return (buffer.AsSpan(0, length).ToArray(), !prefix.IsEmpty);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Checks what the sender announces before anything is allocated by it.</summary>
    /// <param name="plainBytes">The manifest's length.</param>
    /// <param name="frameBytes">The length of the frame.</param>
    /// <param name="prefixBytes">The length of the held manifest, 0 for none.</param>
    /// <param name="maxPlainBytes">The longest manifest that is accepted.</param>
    /// <returns>The length of the frame.</returns>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>.</exception>
    public static int CheckLengths(ulong plainBytes, ulong frameBytes, int prefixBytes, long maxPlainBytes)
    {
        var limit = prefixBytes > 0 ? Math.Min(maxPlainBytes, MaxPrefixedBytes - prefixBytes) : maxPlainBytes;
        if (limit < 0 || plainBytes > (ulong)limit)
        {
            throw new ChunkOtaException(
                ErrorCodes.TooLarge,
                $"a manifest of {SizeText.Of(plainBytes)} is above the limit of {SizeText.Of(limit)}");
        }

        // Incompressible bytes grow a little: by 1/256 and a header.
        if (frameBytes > plainBytes + (plainBytes / 256) + 1024)
            throw new ChunkOtaException(ErrorCodes.TooLarge, "the manifest is longer as sent than as signed");
        return (int)frameBytes;
    }

    /// <summary>Decompresses a manifest.</summary>
    /// <param name="frame">The zstd frame.</param>
    /// <param name="plainBytes">The manifest's length, checked.</param>
    /// <param name="prefix">The held manifest, or nothing.</param>
    /// <exception cref="ChunkOtaException"><c>FRAME_INVALID</c>, <c>DECOMPRESS_LIMIT</c>.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> frame, int plainBytes, ReadOnlySpan<byte> prefix)
    {
        var plain = new byte[plainBytes];
        using var decoder = new ZstdDecoder();
        var window = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(plainBytes + prefix.Length + 1)));
        decoder.Decode(frame, plain, prefix, Math.Clamp(window, MinWindowLog, MaxWindowLog));
        return plain;
    }
}
