using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>Changes of names: the only ones that server and agent make.</summary>
/// <remarks>
/// A changed name survives a power cut after <see cref="SyncDirectory"/> of the directory it stands in. No operation
/// follows a symbolic link in the last component. All throw <see cref="FileSystemException"/>.
/// </remarks>
public static unsafe class Fs
{
    /// <summary>Makes a directory whose parent exists, with exactly these permission bits.</summary>
    /// <returns>False when it was a directory already; its bits are left as they are.</returns>
    public static bool MakeDirectory(string path, UnixMode mode = UnixMode.PrivateDirectory)
    {
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.MakeDirectory, path);
        var error = Sys.LastError(Libc.MakeDirectory(path, (uint)mode & 0x1ff));
        if (error == Errno.Exists && FindFacts(path) is { Kind: FileKind.Directory })
            return false;
        if (error != Errno.None)
            throw Sys.Failure(FsOperation.MakeDirectory, path, error);
        using var made = Sys.OpenDirectory(path);
        Sys.Check(Libc.ChangeMode(made, (uint)mode & 0x1ff), FsOperation.ChangeMode, path);
        return true;
    }

    /// <summary>Makes a directory and those above it that are missing, each durably named in its parent.</summary>
    public static void MakeDirectories(string path, UnixMode mode = UnixMode.PrivateDirectory)
    {
        if (FindFacts(path) is { Kind: FileKind.Directory })
            return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        // A parent may be reached through a link of the operator's (/var/lib -> elsewhere): only the last is ours.
        if (parent is not null && !Directory.Exists(parent))
            MakeDirectories(parent, mode);
        if (MakeDirectory(path, mode) && parent is not null)
            SyncDirectory(parent);
    }

    /// <summary>Moves a name within a file system, atomically replacing what bore the new name.</summary>
    public static void Rename(string from, string to)
    {
        Sys.CheckPath(from);
        Sys.CheckPath(to);
        using var step = FaultPoint.Hit(FsOperation.Rename, to);
        Sys.Check(Libc.Rename(from, to), FsOperation.Rename, to);
    }

    /// <summary>As <see cref="Rename"/>, refusing when the new name is taken.</summary>
    /// <returns>False when it is taken: nothing has changed.</returns>
    public static bool TryRenameNew(string from, string to)
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

    /// <summary>Lets two existing names change places in one step.</summary>
    public static void Exchange(string one, string other)
    {
        Sys.CheckPath(one);
        Sys.CheckPath(other);
        using var step = FaultPoint.Hit(FsOperation.Exchange, other);
        Sys.Check(
            Libc.RenameAt2(Libc.CurrentDirectory, one, Libc.CurrentDirectory, other, Libc.ExchangeNames),
            FsOperation.Exchange,
            other);
    }

    /// <summary>Makes a symbolic link; the target is stored verbatim.</summary>
    /// <exception cref="FileSystemException"><see cref="Errno.Exists"/> when the name is taken.</exception>
    public static void MakeSymlink(string target, string path)
    {
        Sys.CheckPath(target);
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.Symlink, path);
        Sys.Check(Libc.Symlink(target, path), FsOperation.Symlink, path);
    }

    /// <summary>The target of a symbolic link, verbatim; null when nothing or something else bears the name.</summary>
    public static string? FindLinkTarget(string path)
    {
        Sys.CheckPath(path);
        var target = stackalloc byte[4096];
        var count = Libc.ReadLinkAt(Libc.CurrentDirectory, path, target, 4096);
        if (Sys.LastError(count) is Errno.NoEntry or Errno.Invalid or Errno.NotDirectory)
            return null;
        Sys.Check(count, FsOperation.Inspect, path);
        return Sys.Utf8.Text(new ReadOnlySpan<byte>(target, (int)count), path);
    }

    /// <summary>Removes a file's or link's name.</summary>
    /// <returns>False when nothing bore it.</returns>
    public static bool Unlink(string path)
    {
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.Unlink, path);
        var result = Libc.Unlink(path);
        if (Sys.LastError(result) == Errno.NoEntry)
            return false;
        Sys.Check(result, FsOperation.Unlink, path);
        return true;
    }

    /// <summary>Removes an empty directory.</summary>
    /// <returns>False when nothing bore the name.</returns>
    public static bool RemoveDirectory(string path)
    {
        Sys.CheckPath(path);
        using var step = FaultPoint.Hit(FsOperation.RemoveDirectory, path);
        var result = Libc.Remove(path);
        if (Sys.LastError(result) == Errno.NoEntry)
            return false;
        Sys.Check(result, FsOperation.RemoveDirectory, path);
        return true;
    }

    /// <summary>Removes a directory and everything in it, descriptor by descriptor: no link is followed, not even one
    /// that is put there meanwhile.</summary>
    /// <returns>False when nothing bore the name.</returns>
    public static bool RemoveTree(string path)
    {
        var root = Sys.TryOpen(path, Libc.ReadOnly | Libc.DirectoryFlag, default, out var error);
        if (root is null)
            return error == Errno.NoEntry ? false : throw Sys.Failure(FsOperation.Open, path, error);
        using (root)
            Empty(root, path);
        return RemoveDirectory(path);
    }

    /// <summary>Makes the names in a directory survive a power cut.</summary>
    public static void SyncDirectory(string path)
    {
        using var step = FaultPoint.Hit(FsOperation.SyncDirectory, path);
        using var directory = Sys.OpenDirectory(path);
        Sync(directory, path);
    }

    /// <summary>The facts of a name, without following it; null when nothing bears it.</summary>
    public static FileFacts? FindFacts(string path)
    {
        Sys.CheckPath(path);
        Libc.FactsBuffer buffer;
        var result = Libc.Inspect(Libc.CurrentDirectory, path, Libc.SymlinkNoFollow, 0x7ff, &buffer);
        if (Sys.LastError(result) is Errno.NoEntry or Errno.NotDirectory)
            return null;
        Sys.Check(result, FsOperation.Inspect, path);
        return FileFacts.Of(buffer);
    }

    /// <summary>Bytes that an ordinary user may still write to the file system that holds a path.</summary>
    public static long FreeBytes(string path)
    {
        Sys.CheckPath(path);
        Libc.SpaceBuffer space;
        Sys.Check(Libc.InspectFileSystem(path, &space), FsOperation.Inspect, path);
        return checked(space.BlockBytes * space.BlocksAvailable);
    }

    /// <summary>Whether files on the file system of a directory can share blocks (<see cref="DurableFile.TryClone"/>);
    /// tried with two files that have no name and are gone when this returns.</summary>
    /// <returns>False also where it cannot be tried.</returns>
    public static bool CanClone(string directory)
    {
        const int Flags = Libc.ReadWrite | Libc.Nameless;
        using var source = Sys.TryOpen(directory, Flags | Libc.DirectoryFlag, UnixMode.Private, out _);
        using var clone = Sys.TryOpen(directory, Flags | Libc.DirectoryFlag, UnixMode.Private, out _);
        if (source is null || clone is null)
            return false;
        // An empty file could be "shared" by a file system that shares nothing.
        const int Block = 4096;
        var content = stackalloc byte[Block];
        return Libc.WriteAt(source, content, Block, 0) == Block && Libc.Clone(clone, Libc.CloneRequest, source) == 0;
    }

    /// <summary>The names in a directory, sorted by their bytes, with what each is; null when there is no such
    /// directory.</summary>
    public static IReadOnlyList<(string Name, FileKind Kind)>? FindNames(string path)
    {
        var directory = Sys.TryOpen(path, Libc.ReadOnly | Libc.DirectoryFlag, default, out var error);
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

    internal static void Empty(SafeFileHandle directory, string path)
    {
        foreach (var entry in DirectoryReader.Read(directory, path))
        {
            var child = $"{path}/{Encoding.UTF8.GetString(entry.Bytes.AsSpan(0, entry.Bytes.Length - 1))}";
            if (entry.Kind == FileKind.Directory)
            {
                using (var inner = DirectoryReader.OpenChild(directory, entry, child))
                    Empty(inner, child);
                Remove(directory, entry, child, FsOperation.RemoveDirectory, Libc.RemoveDirectory);
            }
            else
            {
                Remove(directory, entry, child, FsOperation.Unlink, 0);
            }
        }
    }

    private static void Remove(
        SafeFileHandle directory, DirectoryName entry, string child, FsOperation operation, int flags)
    {
        using var step = FaultPoint.Hit(operation, child);
        fixed (byte* name = entry.Bytes)
        {
            var error = Sys.LastError(Libc.UnlinkAt(directory, name, flags));
            if (error is not (Errno.None or Errno.NoEntry))
                throw Sys.Failure(operation, child, error);
        }
    }
}
