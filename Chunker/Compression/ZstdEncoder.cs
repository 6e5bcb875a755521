using System.Numerics;
using static ChunkOta.Chunking.ZstdErrors;

namespace ChunkOta.Chunking;

/// <summary>
/// Compresses whole buffers into single zstd frames of a declared length, with memory kept between calls.
/// </summary>
/// <remarks>
/// For one caller at a time; keeps native memory that grows with level and window (a few MiB for chunks). Frames have
/// no checksum, because everything stored has a digest. The output of zstd differs from version to version: nothing may
/// depend on the bytes.
/// </remarks>
public sealed unsafe class ZstdEncoder : IDisposable
{
    /// <summary>The largest level; higher ones would need more memory in every reader.</summary>
    public const int MaxLevel = 19;

    /// <summary>The largest window of frames with a prefix, as a power of two: 64 MiB.</summary>
    public const int MaxPrefixWindowLog = 26;

    private const int MinWindowLog = 10;

    private readonly CompressionContext _context;

    /// <summary>Makes an encoder.</summary>
    /// <param name="level">1 (fast) to <see cref="MaxLevel"/> (small).</param>
    public ZstdEncoder(int level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        _context = CompressionContext.Create();
        ThrowIfError(Zstd.SetParameter(_context, CompressionParameter.Level, level));
    }

    /// <summary>Maximum length of the frame of a number of plain bytes.</summary>
    /// <param name="plainBytes">Not negative.</param>
    public static int MaxEncodedLength(int plainBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plainBytes);
        return checked((int)Zstd.CompressBound((nuint)plainBytes));
    }

    /// <summary>Writes <paramref name="source"/> as one zstd frame.</summary>
    /// <param name="source">The plain bytes; may be empty.</param>
    /// <param name="destination">Receives the frame; <see cref="MaxEncodedLength"/> always suffices.</param>
    /// <param name="prefix">Bytes that the decoder also has, such as an older version; empty for none. They must
    /// not share memory with <paramref name="source"/>.</param>
    /// <returns>The frame's length in bytes.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short, or buffers overlap.</exception>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<byte> prefix = default) =>
        TryEncode(source, destination, out var written, prefix)
            ? written
            : throw new ArgumentException("the destination is too short for the frame", nameof(destination));

    /// <summary>Writes <paramref name="source"/> as one zstd frame, if it fits.</summary>
    /// <param name="source">The plain bytes; may be empty.</param>
    /// <param name="destination">Receives the frame; undefined if the frame does not fit.</param>
    /// <param name="written">The frame's length in bytes, or 0.</param>
    /// <param name="prefix">Bytes that the decoder also has, such as an older version; empty for none. They must
    /// not share memory with <paramref name="source"/>.</param>
    /// <returns>True if the frame fits.</returns>
    /// <exception cref="ArgumentException">Source and prefix overlap.</exception>
    public bool TryEncode(
        ReadOnlySpan<byte> source, Span<byte> destination, out int written, ReadOnlySpan<byte> prefix = default)
    {
        if (prefix.Overlaps(source))
            throw new ArgumentException("the prefix overlaps the source", nameof(prefix));

        // 0 lets the level choose a window, which then fits the source.
        var windowLog = prefix.IsEmpty ? 0 : PrefixWindowLog((long)prefix.Length + source.Length);
        ThrowIfError(Zstd.SetParameter(_context, CompressionParameter.WindowLog, windowLog));
        ThrowIfError(
            Zstd.SetParameter(_context, CompressionParameter.LongDistanceMatching, prefix.IsEmpty ? 0 : 1));
        nuint result;
        fixed (byte* from = source, to = destination, before = prefix)
        {
            // Set even when empty, so that no frame sees the prefix of another.
            ThrowIfError(Zstd.RefPrefix(_context, before, (nuint)prefix.Length));
            result = Zstd.Compress(_context, to, (nuint)destination.Length, from, (nuint)source.Length);
        }

        if (!Zstd.IsError(result))
        {
            written = (int)result;
            return true;
        }

        // A failed frame is left open, and no parameter can be set before it is closed.
        ThrowIfError(Zstd.Reset(_context, ResetDirective.Session));
        if (Zstd.ErrorCode(result) != DestinationTooShort)
            ThrowIfError(result);
        written = 0;
        return false;
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose() => _context.Dispose();

    /// <summary>
    /// A window over all of the prefix and the source: with a smaller one, distant matches would be missed.
    /// </summary>
    private static int PrefixWindowLog(long bytes) =>
        Math.Clamp(BitOperations.Log2((ulong)(bytes - 1)) + 1, MinWindowLog, MaxPrefixWindowLog);
}
