using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Hashes files that are read, copied or written, with one buffer. Not safe for concurrent use.</summary>
internal sealed class FileHash : IDisposable
{
    private const int BufferBytes = 512 * 1024;

    /// <summary>A shorter file is read at one go in any case.</summary>
    private const int DirectBytes = 64 * 1024;

    private readonly Blake3Hasher _hasher = new();
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private DirectBuffer? _direct;

    /// <summary>Computes the digest of a file's whole content.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="sizeBytes">The length that it must have.</param>
    /// <returns>The digest; null when the file is shorter or longer.</returns>
    public Digest? Of(DurableFile file, long sizeBytes) => Pass(file, sizeBytes, null);

    /// <summary>As <see cref="Of"/>, for a file that is hardly in the page cache, such as one that has just come to
    /// share another's blocks.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="sizeBytes">The length that it must have.</param>
    public Digest? OfUncached(DurableFile file, long sizeBytes)
    {
        if (sizeBytes >= DirectBytes && file.Length == sizeBytes)
        {
            _hasher.Reset();
            if (file.ReadDirectly(_direct ??= new DirectBuffer(BufferBytes), _hasher.Append) == sizeBytes)
                return _hasher.Finish();
        }
        return Of(file, sizeBytes);
    }

    /// <summary>Copies a file's content into another and hashes what is written, reading it once.</summary>
    /// <param name="source">Open for reading.</param>
    /// <param name="destination">Empty, open for writing.</param>
    /// <param name="sizeBytes">The length that it must have.</param>
    /// <returns>The digest; null when the source is shorter or longer.</returns>
    public Digest? Copy(DurableFile source, DurableFile destination, long sizeBytes) =>
        Pass(source, sizeBytes, destination);

    /// <summary>Writes a file from bytes that come in order, and hashes them as they are written.</summary>
    /// <param name="destination">Empty, open for writing.</param>
    /// <param name="make">Called once with the sink of the bytes.</param>
    /// <returns>The digest of all of them.</returns>
    public Digest Make(DurableFile destination, Action<DeltaSink> make)
    {
        _hasher.Reset();
        var writer = new SequentialWriter(destination, _buffer, _hasher);
        make(writer.Append);
        return writer.Finish();
    }

    /// <summary>Reads a chunk from a file, if the file holds it at an offset.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="offset">The offset, bytes.</param>
    /// <param name="chunk">The chunk; at most 512 KiB.</param>
    /// <param name="content">The chunk's bytes, in this object's buffer until its next use.</param>
    public bool TryReadChunk(DurableFile file, long offset, ChunkRef chunk, out VerifiedChunk content)
    {
        content = default;
        if (chunk.Length > BufferBytes || file.ReadAt(offset, _buffer.AsSpan(0, chunk.Length)) != chunk.Length)
            return false;
        var read = VerifiedChunk.Of(_buffer.AsMemory(0, chunk.Length));
        if (read.Hash != chunk.Hash)
            return false;
        content = read;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _direct?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private Digest? Pass(DurableFile source, long sizeBytes, DurableFile? destination)
    {
        if (source.Length != sizeBytes)
            return null;
        _hasher.Reset();
        for (long offset = 0; offset < sizeBytes;)
        {
            var want = (int)Math.Min(BufferBytes, sizeBytes - offset);
            var read = source.ReadAt(offset, _buffer.AsSpan(0, want));
            if (read == 0)
                return null;
            var piece = _buffer.AsSpan(0, read);
            _hasher.Append(piece);
            destination?.WriteSparseAt(offset, piece);
            offset += read;
        }
        if (destination is not null && destination.Length < sizeBytes)
            destination.Truncate(sizeBytes);
        return _hasher.Finish();
    }
}
