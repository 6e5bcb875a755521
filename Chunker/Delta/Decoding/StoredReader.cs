using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>One part of a delta object, read from its start to its end through a buffer.</summary>
/// <param name="source">The object.</param>
/// <param name="start">Offset of the part.</param>
/// <param name="length">The part's length; within the object.</param>
internal sealed class StoredReader(IBaseReader source, long start, long length) : IByteSource
{
    /// <summary>Zeros that a coder which looks ahead may read beyond the end.</summary>
    private const int MaxBeyond = 8;

    private readonly byte[] _buffer = new byte[(int)Math.Min(length, 1 << 15)];
    private int _next;
    private int _filled;
    private long _fetched;
    private int _beyond;

    /// <summary>Bytes read so far.</summary>
    public long Position => _fetched - _filled + _next;

    /// <summary>Reads the next byte; up to eight zeros follow the end.</summary>
    /// <exception cref="DeltaBadException">The part ended long ago.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte NextByte() => _next < _filled ? _buffer[_next++] : FetchByte();

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Peek()
    {
        if (_next == _filled)
        {
            _filled = (int)Math.Min(_buffer.Length, length - _fetched);
            source.Read(start + _fetched, _buffer.AsSpan(0, _filled));
            _fetched += _filled;
            _next = 0;
        }

        return _buffer.AsSpan(_next, _filled - _next);
    }

    /// <inheritdoc/>
    public void Advance(int count) => _next += count;

    private byte FetchByte()
    {
        if (Peek().IsEmpty)
            return ++_beyond <= MaxBeyond ? (byte)0 : throw new DeltaBadException("one of its streams is cut short");
        return _buffer[_next++];
    }
}
