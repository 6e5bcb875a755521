using ChunkOta.Chunking;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Perf;

/// <summary>Lets the codec read a file, or the first part of one.</summary>
internal sealed class FileBytes(string path, long most) : IBaseReader, IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path);

    public long Length => Math.Min(most, RandomAccess.GetLength(_file));

    public void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + destination.Length, Length);
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(_file, destination, offset);
            if (read == 0) throw new EndOfStreamException();
            offset += read;
            destination = destination[read..];
        }
    }

    public void Dispose() => _file.Dispose();
}
