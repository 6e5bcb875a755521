using System.Buffers;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Frames that are ready to be sent, in order, in one pooled buffer: dispose of it after the last is
/// sent.</summary>
public sealed class FrameBatch : IDisposable
{
    private readonly List<FetchedFrame> _frames = [];
    private byte[]? _buffer;

    internal FrameBatch(int capacityBytes) => _buffer = ArrayPool<byte>.Shared.Rent(capacityBytes);

    /// <summary>The frames, valid until this is disposed of.</summary>
    public IReadOnlyList<FetchedFrame> Frames => _frames;

    /// <summary>Bytes of all frames together.</summary>
    public long FrameBytes { get; private set; }

    /// <summary>The memory that frames are read into before they are added.</summary>
    internal Memory<byte> Buffer => _buffer;

    /// <summary>Adds a frame that is in the buffer.</summary>
    internal void Add(IReadOnlyList<FrameSpan> spans, int offset, int length)
    {
        var numbers = new List<uint>(spans.Count * 3);
        foreach (var span in spans) span.AppendTo(numbers);
        _frames.Add(new FetchedFrame(numbers.ToArray(), Buffer.Slice(offset, length)));
        FrameBytes += length;
    }

    /// <summary>Returns the buffer.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer) ArrayPool<byte>.Shared.Return(buffer);
    }
}
