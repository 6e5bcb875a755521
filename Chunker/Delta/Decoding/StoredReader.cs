using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>A part of a delta object, read from its start to its end.</summary>
/// <param name="source">The object.</param>
/// <param name="start">Where the part starts.</param>
/// <param name="length">The part's length; within the object.</param>
internal sealed class StoredReader(IBaseReader source, long start, long length)
{
    /// <summary>What a coder that looks ahead may read beyond the end: zeros.</summary>
    private const int MaxBeyond = 8;

    private readonly byte[] _buffer = new byte[(int)Math.Min(length, 1 << 15)];
    private int _at;
    private int _filled;
    private long _fetched;
    private int _beyond;

    /// <summary>Bytes read so far.</summary>
    public long Position => _fetched - _filled + _at;

    /// <summary>The next byte, or 0 a few times after the end.</summary>
    /// <exception cref="DeltaBadException">The part ended long ago.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte NextByte() => _at < _filled ? _buffer[_at++] : FetchByte();

    private byte FetchByte()
    {
        if (Fill().IsEmpty)
            return ++_beyond <= MaxBeyond ? (byte)0 : throw new DeltaBadException("a stream of it is cut short");
        return _buffer[_at++];
    }

    /// <summary>The bytes at hand, after fetching some if there were none; empty at the end. Lent until the next call.</summary>
    public ReadOnlySpan<byte> Fill()
    {
        if (_at == _filled)
        {
            _filled = (int)Math.Min(_buffer.Length, length - _fetched);
            source.Read(start + _fetched, _buffer.AsSpan(0, _filled));
            _fetched += _filled;
            _at = 0;
        }

        return _buffer.AsSpan(_at, _filled - _at);
    }

    /// <summary>Takes bytes that <see cref="Fill"/> lent.</summary>
    public void Take(int count) => _at += count;
}
