using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>Writes an image from start to end, in large pieces however small the input is, and hashes it.</summary>
/// <param name="blocks">Gets the pieces.</param>
internal sealed class ImageStream(ChangedBlocks blocks)
{
    private readonly Blake3Hasher _hasher = new();
    private readonly byte[] _buffer = new byte[256 * 1024];
    private long _written;
    private int _filled;

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">Copied when this returns.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..count].CopyTo(_buffer.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == _buffer.Length)
                Flush();
        }
    }

    /// <summary>Writes what is still in the buffer.</summary>
    /// <param name="content">The digest of all that was written.</param>
    /// <returns>Its length, bytes.</returns>
    public long Finish(out Digest content)
    {
        Flush();
        content = _hasher.Finish();
        return _written;
    }

    private void Flush()
    {
        var piece = _buffer.AsSpan(0, _filled);
        _hasher.Append(piece);
        blocks.Write(_written, piece);
        _written += _filled;
        _filled = 0;
    }
}
