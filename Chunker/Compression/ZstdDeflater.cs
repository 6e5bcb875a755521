using static ChunkOta.Chunking.ZstdErrors;

namespace ChunkOta.Chunking;

/// <summary>Compresses a stream of known length as one zstd frame, with a window of at most 8 MiB.</summary>
internal static unsafe class ZstdDeflater
{
    private const int BufferBytes = 1 << 17;

    /// <summary>
    /// Compresses the rest of <paramref name="plain"/>, which must be <paramref name="plainBytes"/> bytes.
    /// </summary>
    /// <exception cref="EndOfStreamException">The stream is shorter.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the output is not a complete frame.</exception>
    public static void Compress(
        Stream plain, long plainBytes, Stream output, int level, CancellationToken cancellationToken)
    {
        using var context = CompressionContext.Create();
        ThrowIfError(Zstd.SetParameter(context, CompressionParameter.Level, level));
        if (plainBytes >= 1 << ZstdDecoder.DefaultMaxWindowLog)
            ThrowIfError(Zstd.SetParameter(context, CompressionParameter.WindowLog, ZstdDecoder.DefaultMaxWindowLog));
        ThrowIfError(Zstd.SetPledgedSourceLength(context, (ulong)plainBytes));
        var (input, packed) = (new byte[BufferBytes], new byte[BufferBytes]);
        for (var left = plainBytes; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(input.Length, left);
            plain.ReadExactly(input, 0, count);
            left -= count;
            var end = left == 0 ? EndDirective.End : EndDirective.Continue;
            fixed (byte* from = input, to = packed)
            {
                var incoming = new StreamBuffer { Start = from, Size = (nuint)count };
                nuint remaining;
                do
                {
                    var outgoing = new StreamBuffer { Start = to, Size = (nuint)packed.Length };
                    remaining = Zstd.CompressStream(context, &outgoing, &incoming, end);
                    ThrowIfError(remaining);
                    output.Write(packed, 0, (int)outgoing.Position);
                }
                while (end == EndDirective.End ? remaining != 0 : incoming.Position < incoming.Size);
            }

            if (end == EndDirective.End)
                return;
        }
    }
}
