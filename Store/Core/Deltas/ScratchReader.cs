using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Lets the codec read a scratch file; work that is cancelled ends at the next read.</summary>
internal sealed class ScratchReader(ScratchStream scratch, CancellationToken cancellationToken) : IBaseReader
{
    public long Length => scratch.Length;

    public void Read(long offset, Span<byte> destination)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (scratch.ReadAt(offset, destination) != destination.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "the file ends before that offset");
    }
}
