using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>A lock that one open file holds: the kernel releases it when the process ends, however it ends.</summary>
/// <remarks>The lock is the open file's, so a second <see cref="Acquire"/> in the same process fails, too. The file is
/// never deleted.</remarks>
public sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock now or not at all.</summary>
    /// <param name="path">The lock's file; created if it is missing.</param>
    /// <exception cref="FileSystemException">Code <c>BUSY</c> when another process holds it.</exception>
    public static FileLock Acquire(string path)
    {
        var handle = Sys.Open(path, Libc.ReadWrite | Libc.CreateFlag, FileStatus.ModeOf(Permissions.Private));
        var error = Sys.LastError(Libc.Lock(handle, Libc.LockExclusive | Libc.LockNonBlocking));
        if (error == Errno.None)
            return new FileLock(handle);
        handle.Dispose();
        throw Sys.Failure(FsOperation.Lock, path, error);
    }

    /// <summary>Unlocks the file.</summary>
    public void Dispose()
    {
        // Closing alone would leave the lock with a child that was forked and has not come to its exec yet.
        if (!_handle.IsClosed)
            _ = Libc.Lock(_handle, Libc.Unlock);
        _handle.Dispose();
    }
}
