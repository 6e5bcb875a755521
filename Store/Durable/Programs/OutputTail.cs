using System.Text;

namespace ChunkOta.Durable;

/// <summary>Keeps the end of a stream of bytes, in bounded memory.</summary>
/// <param name="limit">How many bytes are kept.</param>
internal sealed class OutputTail(int limit)
{
    private readonly byte[] _ring = new byte[limit];
    private long _written;

    /// <summary>Takes more bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _written += bytes.Length;
        if (bytes.Length > limit)
            bytes = bytes[^limit..];
        var start = (int)((_written - bytes.Length) % limit);
        var first = Math.Min(bytes.Length, limit - start);
        bytes[..first].CopyTo(_ring.AsSpan(start));
        bytes[first..].CopyTo(_ring);
    }

    /// <summary>The bytes that are kept, as text; bytes that are not UTF-8 are replaced.</summary>
    public override string ToString()
    {
        if (_written <= limit)
            return Encoding.UTF8.GetString(_ring, 0, (int)_written);
        var start = (int)(_written % limit);
        return Encoding.UTF8.GetString([.. _ring.AsSpan(start), .. _ring.AsSpan(0, start)]);
    }
}
