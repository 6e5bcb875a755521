using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <content>The calls of POSIX.</content>
public sealed unsafe partial class DurableFile
{
    public partial FileStatus Status => Sys.Inspect(_handle, Path);

    public static partial DurableFile Create(string path, Permissions permissions)
    {
        using var step = FaultPoint.Hit(FsOperation.Create, path);
        const int Flags = Libc.ReadWrite | Libc.CreateFlag | Libc.Exclusive;
        var handle = Sys.TryOpen(path, Flags, FileStatus.ModeOf(permissions), out var error)
            ?? throw Sys.Failure(FsOperation.Create, path, error);
        return Made(handle, path, permissions);
    }

    public static partial DurableFile OpenRead(string path) => new(Sys.Open(path, Libc.ReadOnly), path);

    public static partial DurableFile? TryOpenRead(string path)
    {
        var handle = Sys.TryOpen(path, Libc.ReadOnly, 0, out var error);
        if (handle is null && error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, path, error);
        return handle is null ? null : new DurableFile(handle, path);
    }

    public static partial DurableFile OpenWrite(string path) => new(Sys.Open(path, Libc.ReadWrite), path);

    public partial void WriteAt(long offset, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using var step = FaultPoint.Hit(FsOperation.Write, Path);
        Sys.WriteAt(_handle, Path, offset, step.IsTorn ? source[..(source.Length / 2)] : source);
    }

    public partial void Reserve(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        using var step = FaultPoint.Hit(FsOperation.Reserve, Path);
        Errno error;
        do
            error = Sys.LastError(Libc.Reserve(_handle, 0, 0, length));
        while (error == Errno.Interrupted);
        if (error is not (Errno.None or Errno.NotSupported or Errno.NotImplemented))
            throw Sys.Failure(FsOperation.Reserve, Path, error);
    }

    private partial bool TryMakeHole(long offset, long length)
    {
        if (offset >= Length)
            return true;
        using var step = FaultPoint.Hit(FsOperation.Punch, Path);
        Errno error;
        do
            error = Sys.LastError(Libc.Reserve(_handle, Libc.PunchHole, offset, length));
        while (error == Errno.Interrupted);
        return error switch
        {
            Errno.None => true,
            Errno.NotSupported or Errno.NotImplemented => false,
            _ => throw Sys.Failure(FsOperation.Punch, Path, error),
        };
    }

    public partial void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        using var step = FaultPoint.Hit(FsOperation.Truncate, Path);
        Errno error;
        do
            error = Sys.LastError(Libc.Truncate(_handle, length));
        while (error == Errno.Interrupted);
        if (error != Errno.None)
            throw Sys.Failure(FsOperation.Truncate, Path, error);
    }

    public partial void SetPermissions(Permissions permissions)
    {
        using var step = FaultPoint.Hit(FsOperation.ChangeMode, Path);
        Sys.Check(Libc.ChangeMode(_handle, FileStatus.ModeOf(permissions)), FsOperation.ChangeMode, Path);
    }

    public partial void Sync() => PassBarrier(Libc.Sync);

    public partial void SyncData() => PassBarrier(Libc.SyncData);

    public partial long SendTo(SafeHandle socket, long offset, long length) =>
        Sys.SendTo(_handle, socket, offset, length);

    public partial bool TryClone(DurableFile source)
    {
        using var step = FaultPoint.Hit(FsOperation.Clone, Path);
        var error = Sys.LastError(Libc.Clone(_handle, Libc.CloneRequest, source._handle));
        return error switch
        {
            Errno.None => true,
            Errno.NotSupported or Errno.CrossDevice or Errno.Invalid or Errno.NotTerminal => false,
            _ => throw Sys.Failure(FsOperation.Clone, Path, error),
        };
    }

    internal static DurableFile Made(SafeFileHandle handle, string path, Permissions permissions)
    {
        var file = new DurableFile(handle, path);
        try
        {
            // The umask had its say in the open: only this makes the mode exact.
            Sys.Check(Libc.ChangeMode(handle, FileStatus.ModeOf(permissions)), FsOperation.ChangeMode, path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void PassBarrier(Func<SafeFileHandle, int> barrier)
    {
        if (_isAbandoned)
            throw Sys.Failure(FsOperation.Sync, Path, Errno.Io);
        try
        {
            using var step = FaultPoint.Hit(FsOperation.Sync, Path);
            if (step.IsSkipped)
                return;
            Errno error;
            do
                error = Sys.LastError(barrier(_handle));
            while (error == Errno.Interrupted);
            if (error != Errno.None)
                throw Sys.Failure(FsOperation.Sync, Path, error);
        }
        catch (FileSystemException)
        {
            _isAbandoned = true;
            throw;
        }
    }
}
