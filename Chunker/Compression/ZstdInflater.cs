using static ChunkOta.Chunking.ZstdErrors;

namespace ChunkOta.Chunking;

/// <summary>Expands one zstd frame piece by piece, for frames that are too long to hold whole.</summary>
/// <remarks>For one caller at a time; keeps a window of native memory, at most 8 MiB.</remarks>
internal sealed unsafe class ZstdInflater : IDisposable
{
    private readonly IByteSource _source;
    private readonly DecompressionContext _context;
    private long _plainLeft;
    private bool _isChecked;

    /// <param name="source">Exactly one frame.</param>
    /// <param name="plainBytes">The exact plain length of the frame.</param>
    public ZstdInflater(IByteSource source, long plainBytes)
    {
        (_source, _plainLeft) = (source, plainBytes);
        _context = DecompressionContext.Create();
        ThrowIfError(Zstd.SetParameter(_context, DecompressionParameter.MaxWindowLog, ZstdDecoder.DefaultMaxWindowLog));
    }

    /// <summary>Fills <paramref name="destination"/> completely with the next plain bytes.</summary>
    /// <exception cref="FrameInvalidException">The frame is damaged, cut short, or holds less.</exception>
    /// <exception cref="DecompressLimitException">It needs too large a window.</exception>
    public void Read(Span<byte> destination)
    {
        if (!_isChecked)
            CheckHeader();
        if (destination.Length > _plainLeft)
            throw new FrameInvalidException("the zstd frame holds fewer bytes than are needed");
        _plainLeft -= destination.Length;
        while (!destination.IsEmpty)
        {
            var input = _source.Peek();
            fixed (byte* from = input, to = destination)
            {
                var incoming = new StreamBuffer { Start = from, Size = (nuint)input.Length };
                var outgoing = new StreamBuffer { Start = to, Size = (nuint)destination.Length };
                var result = Zstd.DecompressStream(_context, &outgoing, &incoming);
                if (Zstd.IsError(result))
                    throw new FrameInvalidException($"the zstd frame is damaged: {Zstd.ErrorName(result)}");
                if (incoming.Position == 0 && outgoing.Position == 0)
                    throw new FrameInvalidException("the zstd frame is cut short");
                if (result == 0 && outgoing.Position < outgoing.Size)
                    throw new FrameInvalidException("the zstd frame holds less than it should");
                _source.Advance((int)incoming.Position);
                destination = destination[(int)outgoing.Position..];
            }
        }
    }

    /// <summary>Checks the window for every frame: zstd itself checks it only for frames that need one.</summary>
    private void CheckHeader()
    {
        if (!ZstdFrameHeader.TryRead(_source.Peek(), out var header) || header.HasDictionaryId)
            throw new FrameInvalidException("the bytes do not begin with a zstd frame");
        if (header.ContentBytes is { } declared && declared != (ulong)_plainLeft)
            throw new FrameInvalidException($"the zstd frame declares {declared} bytes, not {_plainLeft}");
        if (header.ContentBytes is null || header.WindowBytes > 1UL << ZstdDecoder.DefaultMaxWindowLog)
            throw new DecompressLimitException("the zstd frame needs too large a window, or declares no length");
        _isChecked = true;
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose() => _context.Dispose();
}
