using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Hashes bytes on their way to a scratch file that it owns.</summary>
internal sealed class HashingStream(ScratchStream scratch) : Stream
{
    private readonly Blake3Hasher _hasher = new();

    /// <summary>The file with all written bytes.</summary>
    public ScratchStream Scratch => scratch;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => scratch.Length;

    public override long Position
    {
        get => scratch.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>The digest of all written bytes.</summary>
    public Digest Finish() => _hasher.Finish();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hasher.Append(buffer);
        scratch.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => scratch.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) scratch.Dispose();
        base.Dispose(disposing);
    }
}
