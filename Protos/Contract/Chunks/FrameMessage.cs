using System.Buffers;
using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>The shape of both messages of chunks.proto: numbers that describe a frame, and the frame.</summary>
/// <remarks>
/// A message made to be sent borrows its caller's memory until the write has returned. A message that was received
/// owns pooled buffers: whoever read it from the stream disposes of it, and holds no slice of it after that.
/// </remarks>
public abstract class FrameMessage : IDisposable
{
    /// <summary>The longest frame, in bytes: 8 of header and 512 KiB.</summary>
    public const int MaxFrameBytes = ChunkFrame.MaxStoredBytes;

    /// <summary>The most numbers that a message may carry: one for every plain byte of a frame.</summary>
    public const int MaxNumbers = ChunkFrame.MaxPlainBytes;

    private readonly uint[]? _pooledNumbers;
    private readonly byte[]? _pooledFrame;
    private readonly ReadOnlyMemory<uint> _numbers;
    private readonly ReadOnlyMemory<byte> _frame;
    private bool _isDisposed;

    private protected FrameMessage(ReadOnlyMemory<uint> numbers, ReadOnlyMemory<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Length, MaxNumbers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frame.Length, MaxFrameBytes);
        _numbers = numbers;
        _frame = frame;
    }

    private protected FrameMessage(FrameFields received)
    {
        _pooledNumbers = received.Numbers;
        _pooledFrame = received.Frame;
        _numbers = received.Numbers.AsMemory(0, received.NumberCount);
        _frame = received.Frame.AsMemory(0, received.FrameBytes);
    }

    /// <summary>The frame as stored (docs/format.md, "Frame"); nothing of it is verified.</summary>
    /// <exception cref="ObjectDisposedException">The message was disposed of.</exception>
    public ReadOnlyMemory<byte> Frame
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _frame;
        }
    }

    private protected ReadOnlyMemory<uint> Numbers
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _numbers;
        }
    }

    /// <summary>Gives the pooled buffers back.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_pooledNumbers is { Length: > 0 })
            ArrayPool<uint>.Shared.Return(_pooledNumbers);
        if (_pooledFrame is { Length: > 0 })
            ArrayPool<byte>.Shared.Return(_pooledFrame);
        GC.SuppressFinalize(this);
    }
}
