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

    /// <summary>Tells whether a lock is held, by this process or another.</summary>
    /// <remarks>It looks by taking the lock for a moment: whoever tries to acquire it just then may be told that it is
    /// held.</remarks>
    /// <param name="path">The lock's file; one that is missing is not held.</param>
    public static bool IsHeld(string path)
    {
        using var handle = Sys.TryOpen(path, Libc.ReadOnly, FileStatus.ModeOf(Permissions.Private), out _);
        if (handle is null)
            return false;
        var error = Sys.LastError(Libc.Lock(handle, Libc.LockExclusive | Libc.LockNonBlocking));
        if (error == Errno.None)
            _ = Libc.Lock(handle, Libc.Unlock);
        return error == Errno.Again;
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
