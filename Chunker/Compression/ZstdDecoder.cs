using static ChunkOta.Chunking.ZstdErrors;

namespace ChunkOta.Chunking;

/// <summary>Expands single zstd frames whose plain length is known from signed or stored data.</summary>
/// <remarks>
/// For one caller at a time; keeps about 100 KiB of native memory between calls. It writes only to the destination and
/// allocates nothing whose size a frame decides, so untrusted frames are safe.
/// </remarks>
public sealed unsafe class ZstdDecoder : IDisposable
{
    /// <summary>The largest window of chunk frames and delta streams, as a power of two: 8 MiB.</summary>
    public const int DefaultMaxWindowLog = 23;

    private readonly DecompressionContext _context = DecompressionContext.Create();

    /// <summary>The zstd of this build and its version, such as "libzstd 1.5.4".</summary>
    internal static string Implementation => Zstd.Implementation;

    /// <summary>
    /// Expands exactly one frame, with nothing before or after it, to exactly the destination's length.
    /// </summary>
    /// <remarks>Only a digest shows that the bytes are right.</remarks>
    /// <param name="source">The whole frame.</param>
    /// <param name="destination">Exactly as long as the plain bytes; undefined after a failure.</param>
    /// <param name="prefix">The encoder's prefix; empty for none. It must not share memory with
    /// <paramref name="destination"/>.</param>
    /// <param name="maxWindowLog">The largest window to accept, as a power of two: 10 to 31.</param>
    /// <exception cref="ArgumentException">Prefix and destination overlap, or the window is out of bounds.</exception>
    /// <exception cref="FrameInvalidException">Damaged, cut short, without its length or with another one,
    /// skippable, followed by more bytes, or in need of a dictionary.</exception>
    /// <exception cref="DecompressLimitException">It declares more bytes than the destination has, or a larger
    /// window.</exception>
    public void Decode(
        ReadOnlySpan<byte> source,
        Span<byte> destination,
        ReadOnlySpan<byte> prefix = default,
        int maxWindowLog = DefaultMaxWindowLog)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWindowLog, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxWindowLog, 31);
        if (prefix.Overlaps(destination))
            throw new ArgumentException("the destination would overwrite the prefix", nameof(prefix));
        CheckHeader(source, (ulong)destination.Length, 1UL << maxWindowLog);
        nuint result;
        fixed (byte* from = source, to = destination, before = prefix)
        {
            CheckLength(Zstd.FindFrameLength(from, (nuint)source.Length), source.Length);
            // Set even when empty, so that no frame sees the prefix of another.
            ThrowIfError(Zstd.RefPrefix(_context, before, (nuint)prefix.Length));
            result = Zstd.Decompress(_context, to, (nuint)destination.Length, from, (nuint)source.Length);
        }

        if (Zstd.IsError(result))
            throw new FrameInvalidException($"the zstd frame is damaged: {Zstd.ErrorName(result)}");
        if (result != (nuint)destination.Length)
            throw new FrameInvalidException($"the zstd frame holds {result} bytes, not {destination.Length}");
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose() => _context.Dispose();

    private static void CheckHeader(ReadOnlySpan<byte> source, ulong plainBytes, ulong maxWindowBytes)
    {
        if (!ZstdFrameHeader.TryRead(source, out var header))
            throw new FrameInvalidException("the bytes do not begin with a zstd frame");
        if (header.ContentBytes is not { } declared)
            throw new FrameInvalidException("the zstd frame does not declare its length");
        if (declared > plainBytes)
            throw new DecompressLimitException($"the zstd frame declares {declared} bytes, not {plainBytes}");
        if (declared < plainBytes)
            throw new FrameInvalidException($"the zstd frame declares {declared} bytes, not {plainBytes}");
        if (header.WindowBytes > maxWindowBytes)
        {
            throw new DecompressLimitException(
                $"the zstd frame asks for a window of {header.WindowBytes} bytes; {maxWindowBytes} are allowed");
        }

        if (header.HasDictionaryId)
            throw new FrameInvalidException("the zstd frame needs a dictionary");
    }

    private static void CheckLength(nuint frameLength, int sourceLength)
    {
        if (Zstd.IsError(frameLength))
            throw new FrameInvalidException($"the zstd frame is damaged or cut short: {Zstd.ErrorName(frameLength)}");
        if (frameLength != (nuint)sourceLength)
        {
            throw new FrameInvalidException(
                $"{(nuint)sourceLength - frameLength} bytes follow the zstd frame, which must be alone");
        }
    }
}
