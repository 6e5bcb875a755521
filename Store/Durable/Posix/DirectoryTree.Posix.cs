using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <content>The calls of POSIX.</content>
public sealed unsafe partial class DirectoryTree
{
    private readonly SafeFileHandle _directory;
    private readonly BeneathWay _way;

    private DirectoryTree(SafeFileHandle directory, string root, BeneathWay way)
    {
        _directory = directory;
        _way = way;
        Root = root;
    }

    public static partial DirectoryTree Create(string root, Permissions permissions) =>
        Fs.MakeDirectory(root, permissions)
            ? Open(root)
            : throw Sys.Failure(FsOperation.MakeDirectory, root, Errno.Exists);

    public static partial DirectoryTree Open(string root) => Open(root, BeneathOpen.Available);

    /// <summary>As <see cref="Open(string)"/>, opening what is in it by one of the two ways.</summary>
    internal static DirectoryTree Open(string root, BeneathWay way) => new(Sys.OpenDirectory(root), root, way);

    public static partial DirectoryTree? TryOpen(string root)
    {
        var directory = Sys.TryOpen(root, Libc.ReadOnly | Libc.DirectoryFlag, 0, out var error);
        if (directory is null && error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, root, error);
        return directory is null ? null : new DirectoryTree(directory, root, BeneathOpen.Available);
    }

    public partial DurableFile CreateFile(string path, bool executable)
    {
        var permissions = executable ? Permissions.Executable : Permissions.Ordinary;
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.Create, full);
        const int Flags = Libc.ReadWrite | Libc.CreateFlag | Libc.Exclusive;
        var handle = TryOpenBeneath(path, Flags, FileStatus.ModeOf(permissions), out var error)
            ?? throw Sys.Failure(FsOperation.Create, full, error);
        return DurableFile.Made(handle, full, permissions);
    }

    public partial DurableFile OpenRead(string path) =>
        TryOpenRead(path) ?? throw Sys.Failure(FsOperation.Open, Full(path), Errno.NoEntry);

    public partial DurableFile? TryOpenRead(string path) => TryOpenFile(path, Libc.ReadOnly);

    public partial DurableFile? TryOpenOrdinary(string path)
    {
        var file = TryOpenFile(path, Libc.ReadOnly | Libc.NonBlocking);
        if (file is null || file.Status.Kind == FileKind.File)
            return file;
        file.Dispose();
        return null;
    }

    public partial DurableFile? TryOpenWrite(string path) => TryOpenFile(path, Libc.ReadWrite);

    public partial void MakeDirectories(string path)
    {
        Sys.CheckPath(path);
        for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            MakeDirectory(end < 0 ? path : path[..end]);
            if (end < 0)
                return;
        }
    }

    public partial void MakeSymlink(string path, string target)
    {
        Sys.CheckPath(target);
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.Symlink, full);
        using var parent = OpenParent(path, FsOperation.Symlink, out var name);
        Sys.Check(Libc.SymlinkAt(target, parent, name), FsOperation.Symlink, full);
    }

    public partial bool TryLink(string path, DirectoryTree source, string sourcePath)
    {
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.Link, full);
        using var from = source.TryOpenParent(sourcePath, out var name, out _);
        if (from is null)
            return false;
        using var parent = OpenParent(path, FsOperation.Link, out var newName);
        var error = Sys.LastError(Libc.LinkAt(from, name, parent, newName, 0));
        return error switch
        {
            Errno.None => true,
            Errno.NotPermitted or Errno.Access or Errno.NoEntry or Errno.CrossDevice or Errno.TooManyLinks
                or Errno.NotSupported => false,
            _ => throw Sys.Failure(FsOperation.Link, full, error),
        };
    }

    public partial void Move(string path, DirectoryTree destination, string destinationPath)
    {
        var full = destination.Full(destinationPath);
        using var step = FaultPoint.Hit(FsOperation.Rename, full);
        var error = RenameBeneath(path, destination, destinationPath, 0);
        if (error != Errno.None)
            throw Sys.Failure(FsOperation.Rename, full, error);
    }

    public partial bool TryMoveNew(string path, string newPath)
    {
        var full = Full(newPath);
        using var step = FaultPoint.Hit(FsOperation.Rename, full);
        var error = RenameBeneath(path, this, newPath, Libc.NoReplace);
        return error switch
        {
            Errno.None => true,
            Errno.Exists => false,
            _ => throw Sys.Failure(FsOperation.Rename, full, error),
        };
    }

    public partial bool Unlink(string path)
    {
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.Unlink, full);
        using var parent = OpenParent(path, FsOperation.Unlink, out var name);
        fixed (byte* start = Sys.Utf8.Bytes(name))
        {
            var result = Libc.UnlinkAt(parent, start, 0);
            if (Sys.LastError(result) == Errno.NoEntry)
                return false;
            Sys.Check(result, FsOperation.Unlink, full);
            return true;
        }
    }

    public partial TreeEntry? Find(string path)
    {
        var full = Full(path);
        // O_PATH with O_NOFOLLOW opens the link itself, but RESOLVE_NO_SYMLINKS forbids even that: hence the parent.
        var parent = TryOpenParent(path, out var name, out var error);
        if (parent is null)
        {
            return error is Errno.NoEntry or Errno.NotDirectory
                ? null
                : throw Sys.Failure(FsOperation.Open, full, error);
        }
        using (parent)
            return FindIn(parent, path, name);
    }

    public partial IEnumerable<(T Item, TreeEntry? Found)> FindEach<T>(
        IEnumerable<T> items, Func<T, string> pathOf)
    {
        var (open, directory) = ((string?)null, (SafeFileHandle?)null);
        try
        {
            foreach (var item in items)
            {
                var path = pathOf(item);
                var slash = path.LastIndexOf('/');
                var parent = slash switch { < 0 => ".", 0 => "/", _ => path[..slash] };
                if (parent != open)
                {
                    directory?.Dispose();
                    directory = OpenToLookInto(parent);
                    open = parent;
                }
                yield return (item, directory is null ? null : FindIn(directory, path, path[(slash + 1)..]));
            }
        }
        finally
        {
            directory?.Dispose();
        }
    }

    public partial IEnumerable<TreeEntry> List(Func<TreeEntry, bool>? skips)
    {
        // A descriptor has one reading position; this listing takes one of its own.
        using var root = TryOpenBeneath(".", Libc.ReadOnly | Libc.DirectoryFlag, 0, out var error)
            ?? throw Sys.Failure(FsOperation.List, Root, error);
        foreach (var entry in List(root, "", skips))
            yield return entry;
    }

    public partial void SetPermissions(Permissions permissions)
    {
        using var step = FaultPoint.Hit(FsOperation.ChangeMode, Root);
        Sys.Check(Libc.ChangeMode(_directory, FileStatus.ModeOf(permissions)), FsOperation.ChangeMode, Root);
    }

    public partial void SetPermissions(string path, Permissions permissions)
    {
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.ChangeMode, full);
        // What must not be read can only be opened as a place; the mode is then set through /proc.
        using var place = OpenPlace(path, FsOperation.ChangeMode);
        var result = Libc.ChangeMode($"/proc/self/fd/{place.DangerousGetHandle()}", FileStatus.ModeOf(permissions));
        Sys.Check(result, FsOperation.ChangeMode, full);
    }

    public partial void SyncDirectory(string path)
    {
        var full = path.Length == 0 ? Root : Full(path);
        using var step = FaultPoint.Hit(FsOperation.SyncDirectory, full);
        if (step.IsSkipped)
            return;
        if (path.Length == 0)
        {
            Fs.Sync(_directory, full);
            return;
        }
        using var directory = TryOpenBeneath(path, Libc.ReadOnly | Libc.DirectoryFlag, 0, out var error)
            ?? throw Sys.Failure(FsOperation.SyncDirectory, full, error);
        Fs.Sync(directory, full);
    }

    public partial void SyncFileSystem()
    {
        using var step = FaultPoint.Hit(FsOperation.SyncFileSystem, Root);
        if (step.IsSkipped)
            return;
        Sys.Check(Libc.SyncFileSystem(_directory), FsOperation.SyncFileSystem, Root);
    }

    private TreeEntry? FindIn(SafeFileHandle parent, string path, string name)
    {
        var bytes = Sys.Utf8.Bytes(name);
        Libc.StatusBuffer buffer;
        fixed (byte* start = bytes)
        {
            var result = Libc.Inspect(parent, start, Libc.SymlinkNoFollow, 0x7ff, &buffer);
            if (Sys.LastError(result) == Errno.NoEntry)
                return null;
            Sys.Check(result, FsOperation.Inspect, Full(path));
        }
        return Entry(parent, bytes, path, Sys.StatusOf(buffer));
    }

    private SafeFileHandle? OpenToLookInto(string directory)
    {
        var opened = TryOpenBeneath(directory, Libc.PathOnly | Libc.DirectoryFlag, 0, out var error);
        return opened is not null || error is Errno.NoEntry or Errno.NotDirectory or Errno.Loop
            ? opened
            : throw Sys.Failure(FsOperation.Open, Full(directory), error);
    }

    private Errno RenameBeneath(string path, DirectoryTree destination, string destinationPath, uint flags)
    {
        using var from = OpenParent(path, FsOperation.Rename, out var name);
        using var to = destination.OpenParent(destinationPath, FsOperation.Rename, out var newName);
        // Read before the descriptors are closed: closing is a call as well.
        return Sys.LastError(Libc.RenameAt2(from, name, to, newName, flags));
    }

    private DurableFile? TryOpenFile(string path, int flags)
    {
        var handle = TryOpenBeneath(path, flags, 0, out var error);
        if (handle is null && error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, Full(path), error);
        return handle is null ? null : new DurableFile(handle, Full(path));
    }

    public partial void MakeDirectory(string path)
    {
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.MakeDirectory, full);
        using var parent = OpenParent(path, FsOperation.MakeDirectory, out var name);
        var error = Sys.LastError(Libc.MakeDirectoryAt(parent, name, FileStatus.ModeOf(Permissions.Executable)));
        if (error is not (Errno.None or Errno.Exists))
            throw Sys.Failure(FsOperation.MakeDirectory, full, error);
        using var made = TryOpenBeneath(path, Libc.ReadOnly | Libc.DirectoryFlag, 0, out var opening)
            ?? throw Sys.Failure(FsOperation.MakeDirectory, full, opening);
        if (error == Errno.None)
            Sys.Check(Libc.ChangeMode(made, FileStatus.ModeOf(Permissions.Executable)), FsOperation.ChangeMode, full);
    }

    private SafeFileHandle? TryOpenBeneath(string path, int flags, uint mode, out Errno error) =>
        BeneathOpen.TryOpen(_way, _directory, path, flags, mode, out error);

    private SafeFileHandle OpenPlace(string path, FsOperation operation) =>
        TryOpenBeneath(path, Libc.PathOnly | Libc.DirectoryFlag, 0, out var error)
        ?? throw Sys.Failure(operation, Full(path), error);

    private SafeFileHandle OpenParent(string path, FsOperation operation, out string name) =>
        TryOpenParent(path, out name, out var error) ?? throw Sys.Failure(operation, Full(path), error);

    private SafeFileHandle? TryOpenParent(string path, out string name, out Errno error)
    {
        Sys.CheckPath(path);
        var slash = path.LastIndexOf('/');
        name = path[(slash + 1)..];
        // The calls below take one component and would take these three as a way about.
        if (name is "" or "." or "..")
        {
            error = Errno.CrossDevice;
            return null;
        }
        // "/name" has an empty parent, which is as absolute as "/" itself.
        return TryOpenBeneath(
            slash switch { < 0 => ".", 0 => "/", _ => path[..slash] },
            Libc.PathOnly | Libc.DirectoryFlag,
            0,
            out error);
    }

    private IEnumerable<TreeEntry> List(SafeFileHandle directory, string prefix, Func<TreeEntry, bool>? skips)
    {
        var here = prefix.Length == 0 ? Root : Full(prefix);
        foreach (var name in DirectoryReader.Read(directory, here))
        {
            var path = prefix.Length == 0 ? name.Text(here) : $"{prefix}/{name.Text(here)}";
            var status = DirectoryReader.Inspect(directory, name.Bytes, path);
            var found = Entry(directory, name.Bytes, path, status);
            if (skips?.Invoke(found) ?? false)
                continue;
            yield return found;
            if (status.Kind != FileKind.Directory)
                continue;
            using var inner = DirectoryReader.OpenChild(directory, name, Full(path));
            foreach (var entry in List(inner, path, skips))
                yield return entry;
        }
    }

    private TreeEntry Entry(SafeFileHandle directory, ReadOnlySpan<byte> name, string path, FileStatus status) => new(
        path, status, status.Kind == FileKind.SymbolicLink ? Sys.ReadLink(directory, name, Full(path)) : null);
}
