namespace ChunkOta.Durable;

/// <summary>Bytes that do not fit in memory, in a file without a name that is gone with its stream or its
/// process.</summary>
/// <remarks>Not buffered and never synced: the bytes need not survive. For one caller at a time.</remarks>
public sealed class ScratchStream : Stream
{
    private readonly DurableFile _file;
    private long _length;
    private long _position;

    private ScratchStream(DurableFile file) => _file = file;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <summary>Opens an empty one.</summary>
    /// <param name="directory">A directory on the file system to use; it must exist. Nothing is left in it.</param>
    /// <exception cref="FileSystemException">It cannot be written.</exception>
    public static ScratchStream Create(string directory)
    {
        var file = DurableFile.Create(Path.Combine(directory, $"{Guid.NewGuid():N}.tmp"));
        try
        {
            _ = Fs.Unlink(file.Path);
            return new ScratchStream(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Fills the destination from an offset on, as far as the file goes; the position stays.</summary>
    /// <returns>The bytes read.</returns>
    public int ReadAt(long offset, Span<byte> destination)
    {
        var there = (int)Math.Clamp(_length - offset, 0, destination.Length);
        return there == 0 ? 0 : _file.ReadAt(offset, destination[..there]);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = ReadAt(_position, buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty)
            return;
        _file.WriteAt(_position, buffer);
        _position += buffer.Length;
        _length = Math.Max(_length, _position);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => checked(_position + offset),
        _ => checked(_length + offset),
    };

    /// <inheritdoc/>
    public override void SetLength(long value)
    {
        _file.Truncate(value);
        _length = value;
        _position = Math.Min(_position, value);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is held back.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
