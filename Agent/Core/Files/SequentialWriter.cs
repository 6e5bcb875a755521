using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Writes a file from start to end, in large pieces however small the input is, and hashes it.</summary>
/// <param name="file">Empty, open for writing; the caller's.</param>
/// <param name="buffer">The caller's; in use until <see cref="Finish"/>.</param>
/// <param name="hasher">The caller's, reset; in use until <see cref="Finish"/>.</param>
internal sealed class SequentialWriter(DurableFile file, byte[] buffer, Blake3Hasher hasher)
{
    private long _written;
    private int _filled;

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">Copied or written when this returns.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > buffer.Length - _filled)
            Flush();
        if (bytes.Length >= buffer.Length)
        {
            Write(bytes);
            return;
        }
        bytes.CopyTo(buffer.AsSpan(_filled));
        _filled += bytes.Length;
    }

    /// <summary>Writes what is still in the buffer.</summary>
    /// <returns>The digest of all that was written.</returns>
    public Digest Finish()
    {
        Flush();
        // Zeros at the end were not written.
        if (file.Length < _written)
            file.Truncate(_written);
        return hasher.Finish();
    }

    private void Flush()
    {
        if (_filled > 0)
            Write(buffer.AsSpan(0, _filled));
        _filled = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        hasher.Append(bytes);
        file.WriteSparseAt(_written, bytes);
        _written += bytes.Length;
    }
}
