using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Writes a file from its start to its end in large pieces, however small those are that come.</summary>
/// <param name="file">Empty, open for writing; the caller's.</param>
/// <param name="buffer">The caller's; in use until <see cref="Flush"/>.</param>
internal sealed class SequentialWriter(DurableFile file, byte[] buffer)
{
    private long _written;
    private int _filled;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">Copied or written when this returns.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > buffer.Length - _filled)
            Flush();
        if (bytes.Length >= buffer.Length)
        {
            file.WriteAt(_written, bytes);
            _written += bytes.Length;
            return;
        }
        bytes.CopyTo(buffer.AsSpan(_filled));
        _filled += bytes.Length;
    }

    /// <summary>Writes what is still in the buffer.</summary>
    public void Flush()
    {
        if (_filled == 0)
            return;
        file.WriteAt(_written, buffer.AsSpan(0, _filled));
        _written += _filled;
        _filled = 0;
    }
}
