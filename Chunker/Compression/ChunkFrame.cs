using System.Buffers;
using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>One or more whole chunks as they are stored and sent: plain bytes end to end, raw or compressed.</summary>
/// <remarks>
/// <code>
/// offset  size  field          (little-endian)
///      0     1  magic          0xC0
///      1     1  version        1; a reader refuses any other
///      2     1  codec          0 raw, 1 zstd; raw unless zstd is smaller
///      3     1  reserved       0
///      4     4  plain length   1 to 524,288 bytes
///      8     n  payload        raw: the plain bytes; zstd: one frame that declares the plain length
/// </code>
/// A frame does not name its chunks: the caller does, and <see cref="DecodedFrame"/> verifies them.
/// A writer closes a frame before the chunk that would make it too long; a single chunk always fits.
/// </remarks>
public static class ChunkFrame
{
    /// <summary>Maximum plain bytes of a frame.</summary>
    public const int MaxPlainBytes = 512 * 1024;

    /// <summary>The length of the header in bytes.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Maximum stored bytes of a frame, including the header.</summary>
    public const int MaxStoredBytes = HeaderBytes + MaxPlainBytes;

    private const byte Magic = 0xC0;
    private const byte Version = 1;
    private const byte Raw = 0;
    private const byte Zstd = 1;

    /// <summary>Writes plain chunks as a frame.</summary>
    /// <param name="plain">Whole chunks end to end: 1 to <see cref="MaxPlainBytes"/> bytes.</param>
    /// <param name="destination">At least <see cref="HeaderBytes"/> longer than <paramref name="plain"/>.</param>
    /// <param name="encoder">The compressor; not shared during the call.</param>
    /// <returns>The frame's length in bytes as stored.</returns>
    /// <exception cref="ArgumentException">A length is out of these bounds.</exception>
    public static int Encode(ReadOnlySpan<byte> plain, Span<byte> destination, ZstdEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (plain.Length is 0 or > MaxPlainBytes)
        {
            throw new ArgumentException(
                $"A frame holds 1 to {MaxPlainBytes} bytes, not {plain.Length}.", nameof(plain));
        }

        if (destination.Length < HeaderBytes + plain.Length)
            throw new ArgumentException("the destination is too short for the frame", nameof(destination));

        // One byte less than plain: what does not fit there is not smaller.
        var isZstd = encoder.TryEncode(plain, destination.Slice(HeaderBytes, plain.Length - 1), out var payloadBytes);
        if (!isZstd)
        {
            plain.CopyTo(destination[HeaderBytes..]);
            payloadBytes = plain.Length;
        }

        destination[0] = Magic;
        destination[1] = Version;
        destination[2] = isZstd ? Zstd : Raw;
        destination[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], plain.Length);
        return HeaderBytes + payloadBytes;
    }

    /// <summary>Expands a frame into a buffer of its own.</summary>
    /// <param name="frame">The whole frame as stored; read only during the call.</param>
    /// <param name="decoder">The decompressor; not shared during the call.</param>
    /// <returns>The plain bytes, not yet verified; the caller disposes of them.</returns>
    /// <exception cref="FrameInvalidException">Not a frame, of another version, or damaged.</exception>
    /// <exception cref="DecompressLimitException">It expands to more than it declares, or needs a larger
    /// window.</exception>
    public static DecodedFrame Decode(ReadOnlyMemory<byte> frame, ZstdDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        var (codec, plainBytes) = ReadHeader(frame.Span);
        var payload = frame.Span[HeaderBytes..];
        var buffer = ArrayPool<byte>.Shared.Rent(plainBytes);
        try
        {
            if (codec == Raw)
                payload.CopyTo(buffer);
            else
                decoder.Decode(payload, buffer.AsSpan(0, plainBytes));
            return new DecodedFrame(buffer, plainBytes);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static (byte Codec, int PlainBytes) ReadHeader(ReadOnlySpan<byte> frame)
    {
        if (frame.Length <= HeaderBytes)
            throw new FrameInvalidException($"{frame.Length} bytes are too few for a chunk frame");
        if (frame[0] != Magic || frame[3] != 0)
            throw new FrameInvalidException("the bytes are not a chunk frame");
        if (frame[1] != Version)
            throw new FrameInvalidException(
                $"the chunk frame has version {frame[1]}; only version {Version} is supported");

        var plainBytes = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
        if (plainBytes is 0 or > MaxPlainBytes)
        {
            throw new FrameInvalidException(
                $"the chunk frame declares {plainBytes} bytes; {MaxPlainBytes} are allowed");
        }

        var payloadBytes = frame.Length - HeaderBytes;
        return (frame[2], (int)plainBytes) switch
        {
            (Raw, var length) when payloadBytes == length => (Raw, length),
            (Zstd, var length) when payloadBytes < length => (Zstd, length),
            (Raw or Zstd, _) => throw new FrameInvalidException(
                $"the chunk frame stores {payloadBytes} bytes for {plainBytes} plain ones"),
            _ => throw new FrameInvalidException($"the chunk frame has the unknown codec {frame[2]}"),
        };
    }
}
