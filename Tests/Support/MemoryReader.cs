using ChunkOta.Chunking;

namespace ChunkOta.Tests.Support;

/// <summary>Bytes in memory, read like a file.</summary>
/// <param name="bytes">Not copied; must not change while the reader is used.</param>
internal sealed class MemoryReader(ReadOnlyMemory<byte> bytes) : IBaseReader
{
    public long Length => bytes.Length;

    public void Read(long offset, Span<byte> destination) =>
        bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
}
