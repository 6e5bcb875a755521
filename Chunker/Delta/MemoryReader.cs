namespace ChunkOta.Chunking;

/// <summary>Bytes in memory, to be read like a file.</summary>
/// <param name="bytes">Not copied; must not change while the reader is used.</param>
public sealed class MemoryReader(ReadOnlyMemory<byte> bytes) : IBaseReader
{
    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many bytes.</exception>
    public void Read(long offset, Span<byte> destination) =>
        bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
}
