using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A file of this disk as a delta's decoder reads it.</summary>
/// <remarks>A file that cannot be read is told as a bad delta: either way it makes nothing, and chunks do.</remarks>
/// <param name="file">Open for reading; the caller's.</param>
internal sealed class FileReader(DurableFile file) : IBaseReader
{
    /// <inheritdoc/>
    public long Length { get; } = file.Length;

    /// <inheritdoc/>
    /// <exception cref="DeltaBadException">The file is shorter now, or its disk fails.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        try
        {
            if (file.ReadAt(offset, destination) == destination.Length)
                return;
        }
        catch (FileSystemException e)
        {
            throw new DeltaBadException($"{file.Path} cannot be read", e);
        }
        throw new DeltaBadException($"{file.Path} is shorter than it was");
    }
}
