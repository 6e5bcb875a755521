namespace ChunkOta.Storage;

/// <summary>Reads an object that is named by its bytes; the read of its last bytes fails if they are not
/// those.</summary>
/// <param name="objects">Has the object.</param>
/// <param name="listed">The object and its length.</param>
internal sealed class VerifiedStream(IObjectReader objects, ListedObject listed) : Stream
{
    private readonly ObjectHasher _hasher = new(listed.Name.Kind, listed.Bytes);
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => listed.Bytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <exception cref="ObjectDamagedException">The bytes are not those that the name stands for.</exception>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var part = buffer[..(int)Math.Min(buffer.Length, listed.Bytes - _position)];
        if (part.IsEmpty) return 0;
        await objects.ReadAsync(listed.Name, _position, part, cancellationToken).ConfigureAwait(false);
        _hasher.Append(part.Span);
        _position += part.Length;
        return _position < listed.Bytes || listed.IsMarked || _hasher.Finish() == listed.Name.Digest
            ? part.Length
            : throw new ObjectDamagedException($"object {listed.Name} is damaged: its digest differs")
            {
                Name = listed.Name,
            };
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
