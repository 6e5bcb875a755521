using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <content>The calls of POSIX.</content>
public static unsafe partial class Fs
{
    public static partial bool MakeDirectory(string path, Permissions permissions)
    {
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.MakeDirectory, path);
        var error = Sys.LastError(Libc.MakeDirectory(path, FileStatus.ModeOf(permissions)));
        if (error == Errno.Exists && FindStatus(path) is { Kind: FileKind.Directory })
            return false;
        if (error != Errno.None)
            throw Sys.Failure(FsOperation.MakeDirectory, path, error);
        using var made = Sys.OpenDirectory(path);
        Sys.Check(Libc.ChangeMode(made, FileStatus.ModeOf(permissions)), FsOperation.ChangeMode, path);
        return true;
    }

    public static partial string Resolve(string path)
    {
        Sys.CheckPath(path);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var resolved = stackalloc byte[Libc.PathMax];
        for (var at = full; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Libc.Resolve(at, resolved) is null)
                continue;
            var known = Sys.Utf8.Text(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved), at);
            return at == full ? known : Path.Combine(known, Path.GetRelativePath(at, full));
        }
        return full;
    }

    public static partial void Rename(string from, string to)
    {
        Sys.CheckPath(from);
        Sys.CheckPath(to);
        using var step = FaultPoint.Hit(FsOperation.Rename, to);
        Sys.Check(Libc.Rename(from, to), FsOperation.Rename, to);
    }

    public static partial bool TryRenameNew(string from, string to)
    {
        Sys.CheckPath(from);
        Sys.CheckPath(to);
        using var step = FaultPoint.Hit(FsOperation.Rename, to);
        var result = Libc.RenameAt2(Libc.CurrentDirectory, from, Libc.CurrentDirectory, to, Libc.NoReplace);
        if (Sys.LastError(result) == Errno.Exists)
            return false;
        Sys.Check(result, FsOperation.Rename, to);
        return true;
    }

    public static partial void Exchange(string one, string other)
    {
        Sys.CheckPath(one);
        Sys.CheckPath(other);
        using var step = FaultPoint.Hit(FsOperation.Exchange, other);
        Sys.Check(
            Libc.RenameAt2(Libc.CurrentDirectory, one, Libc.CurrentDirectory, other, Libc.ExchangeNames),
            FsOperation.Exchange,
            other);
    }

    public static partial void MakeSymlink(string target, string path)
    {
        Sys.CheckPath(target);
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.Symlink, path);
        Sys.Check(Libc.Symlink(target, path), FsOperation.Symlink, path);
    }

    public static partial string? FindLinkTarget(string path)
    {
        Sys.CheckPath(path);
        var target = stackalloc byte[Libc.PathMax];
        var count = Libc.ReadLinkAt(Libc.CurrentDirectory, path, target, Libc.PathMax);
        if (Sys.LastError(count) is Errno.NoEntry or Errno.Invalid or Errno.NotDirectory)
            return null;
        Sys.Check(count, FsOperation.Inspect, path);
        return Sys.Utf8.Text(new ReadOnlySpan<byte>(target, (int)count), path);
    }

    public static partial void CheckWritable(string path)
    {
        Sys.CheckPath(path);
        Sys.Check(Libc.Access(path, Libc.WriteAccess), FsOperation.Open, path);
    }

    public static partial bool Unlink(string path)
    {
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.Unlink, path);
        var result = Libc.Unlink(path);
        if (Sys.LastError(result) == Errno.NoEntry)
            return false;
        Sys.Check(result, FsOperation.Unlink, path);
        return true;
    }

    public static partial void SyncDirectory(string path)
    {
        using var step = FaultPoint.Hit(FsOperation.SyncDirectory, path);
        if (step.IsSkipped)
            return;
        using var directory = Sys.OpenDirectory(path);
        Sync(directory, path);
    }

    public static partial FileStatus? FindStatus(string path)
    {
        Sys.CheckPath(path);
        Libc.StatusBuffer buffer;
        var result = Libc.Inspect(Libc.CurrentDirectory, path, Libc.SymlinkNoFollow, 0x7ff, &buffer);
        if (Sys.LastError(result) is Errno.NoEntry or Errno.NotDirectory)
            return null;
        Sys.Check(result, FsOperation.Inspect, path);
        return Sys.StatusOf(buffer);
    }

    public static partial long FreeBytes(string path)
    {
        Sys.CheckPath(path);
        Libc.SpaceBuffer space;
        Sys.Check(Libc.InspectFileSystem(path, &space), FsOperation.Inspect, path);
        return checked(space.BlockBytes * space.BlocksAvailable);
    }

    public static partial long? FindFreeInodes(string path)
    {
        Sys.CheckPath(path);
        Libc.SpaceBuffer space;
        Sys.Check(Libc.InspectFileSystem(path, &space), FsOperation.Inspect, path);
        return space.Inodes == 0 ? null : space.InodesAvailable;
    }

    public static partial bool CanClone(string directory)
    {
        const int Flags = Libc.ReadWrite | Libc.Nameless;
        using var source = Sys.TryOpen(
            directory, Flags | Libc.DirectoryFlag, FileStatus.ModeOf(Permissions.Private), out _);
        using var clone = Sys.TryOpen(
            directory, Flags | Libc.DirectoryFlag, FileStatus.ModeOf(Permissions.Private), out _);
        if (source is null || clone is null)
            return false;
        // An empty file could be "shared" by a file system that shares nothing.
        const int Block = 4096;
        var content = stackalloc byte[Block];
        return Libc.WriteAt(source, content, Block, 0) == Block && Libc.Clone(clone, Libc.CloneRequest, source) == 0;
    }

    public static partial IReadOnlyList<(string Name, FileKind Kind)>? FindNames(string path)
    {
        var directory = Sys.TryOpen(path, Libc.ReadOnly | Libc.DirectoryFlag, 0, out var error);
        if (directory is null)
            return error == Errno.NoEntry ? null : throw Sys.Failure(FsOperation.Open, path, error);
        using (directory)
        {
            var names = new List<(string, FileKind)>();
            foreach (var name in DirectoryReader.Read(directory, path))
                names.Add((name.Text(path), name.Kind));
            return names;
        }
    }

    internal static void Sync(SafeFileHandle directory, string path)
    {
        Errno error;
        do
            error = Sys.LastError(Libc.Sync(directory));
        while (error == Errno.Interrupted);
        if (error != Errno.None)
            throw Sys.Failure(FsOperation.SyncDirectory, path, error);
    }
}
