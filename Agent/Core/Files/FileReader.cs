using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A file on this disk as the decoder of a delta reads it.</summary>
/// <remarks>An unreadable file is reported as a bad delta: either way the files come as chunks instead.</remarks>
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
