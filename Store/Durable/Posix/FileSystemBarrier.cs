using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>One barrier for everything written to a file system: cheaper than a sync for each of many files.</summary>
/// <remarks>
/// Open it <em>before</em> the first write: the kernel reports to a descriptor only the write errors that came after it
/// was opened. It flushes what others wrote there, too, so it does not pay for a few files.
/// </remarks>
public sealed class FileSystemBarrier : IDisposable
{
    private readonly SafeFileHandle _directory;
    private readonly string _path;

    private FileSystemBarrier(SafeFileHandle directory, string path)
    {
        _directory = directory;
        _path = path;
    }

    /// <summary>Opens a barrier for the file system that holds a directory.</summary>
    public static FileSystemBarrier Open(string directory) => new(Sys.OpenDirectory(directory), directory);

    /// <summary>Makes all that was written since <see cref="Open"/>, contents and names, survive a power cut.</summary>
    /// <exception cref="FileSystemException">Some write failed, maybe not one of ours: delete and write
    /// anew.</exception>
    public void Sync()
    {
        using var step = FaultPoint.Hit(FsOperation.SyncFileSystem, _path);
        if (step.IsSkipped)
            return;
        Sys.Check(Libc.SyncFileSystem(_directory), FsOperation.SyncFileSystem, _path);
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => _directory.Dispose();
}
