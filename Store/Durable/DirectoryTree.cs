using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>A name in a tree.</summary>
/// <param name="Path">From the tree's root, components joined by <c>/</c>.</param>
/// <param name="Facts">What it is.</param>
/// <param name="LinkTarget">For a symbolic link, its target, verbatim.</param>
public sealed record TreeEntry(string Path, FileFacts Facts, string? LinkTarget);

/// <summary>A directory whose inside is reached from its descriptor alone: no path leaves it and no link is
/// followed.</summary>
/// <remarks>
/// Every open goes through <see cref="BeneathOpen"/>, so it holds against a hostile manifest and against somebody who
/// swaps a directory for a link meanwhile: such a path fails with <see cref="Errno.Loop"/> or
/// <see cref="Errno.CrossDevice"/>. Paths are relative, without empty components, <c>.</c> and <c>..</c>. Any number of
/// threads may work in a tree.
/// </remarks>
public sealed unsafe class DirectoryTree : IDisposable
{
    private readonly SafeFileHandle _directory;
    private readonly BeneathWay _way;

    private DirectoryTree(SafeFileHandle directory, string root, BeneathWay way)
    {
        _directory = directory;
        _way = way;
        Root = root;
    }

    /// <summary>The path it was opened by, for messages.</summary>
    public string Root { get; }

    /// <summary>Makes the directory, which must not exist yet, and opens it.</summary>
    /// <param name="root">Its path; the parent must exist.</param>
    /// <param name="mode">0700 while it is filled; <see cref="SetMode"/> opens it up.</param>
    /// <exception cref="FileSystemException"><see cref="Errno.Exists"/> when the name is taken.</exception>
    public static DirectoryTree Create(string root, UnixMode mode = UnixMode.PrivateDirectory) =>
        Fs.MakeDirectory(root, mode) ? Open(root) : throw Sys.Failure(FsOperation.MakeDirectory, root, Errno.Exists);

    /// <summary>Opens an existing directory that is not a link.</summary>
    public static DirectoryTree Open(string root) => Open(root, BeneathOpen.Available);

    /// <summary>As <see cref="Open(string)"/>, opening what is in it by one of the two ways.</summary>
    internal static DirectoryTree Open(string root, BeneathWay way) => new(Sys.OpenDirectory(root), root, way);

    /// <summary>As <see cref="Open(string)"/>; null when nothing bears the name.</summary>
    public static DirectoryTree? TryOpen(string root)
    {
        var directory = Sys.TryOpen(root, Libc.ReadOnly | Libc.DirectoryFlag, default, out var error);
        if (directory is null && error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, root, error);
        return directory is null ? null : new DirectoryTree(directory, root, BeneathOpen.Available);
    }

    /// <summary>Creates a file that must not exist yet, mode 0755 or 0644, open for writing and reading.</summary>
    public DurableFile CreateFile(string path, bool executable)
    {
        var mode = executable ? UnixMode.Executable : UnixMode.Ordinary;
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.Create, full);
        var handle = TryOpenBeneath(path, Libc.ReadWrite | Libc.CreateFlag | Libc.Exclusive, mode, out var error)
            ?? throw Sys.Failure(FsOperation.Create, full, error);
        return DurableFile.Made(handle, full, mode);
    }

    /// <summary>Opens a file for reading.</summary>
    public DurableFile OpenRead(string path) =>
        TryOpenRead(path) ?? throw Sys.Failure(FsOperation.Open, Full(path), Errno.NoEntry);

    /// <summary>As <see cref="OpenRead"/>; null when nothing bears the name.</summary>
    public DurableFile? TryOpenRead(string path) => TryOpenFile(path, Libc.ReadOnly);

    /// <summary>Opens an ordinary file for reading; null when nothing bears the name, or something that is none.</summary>
    /// <remarks>Of all that may stand there, none makes it wait, as a FIFO without a writer would.</remarks>
    public DurableFile? TryOpenOrdinary(string path)
    {
        var file = TryOpenFile(path, Libc.ReadOnly | Libc.NonBlocking);
        if (file is null || file.Facts.Kind == FileKind.File)
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>Opens an existing file for reading and writing, such as one that an interrupted run left.</summary>
    /// <returns>Null when nothing bears the name.</returns>
    public DurableFile? TryOpenWrite(string path) => TryOpenFile(path, Libc.ReadWrite);

    /// <summary>Makes a directory and those above it in the tree that are missing, mode 0755.</summary>
    public void MakeDirectories(string path)
    {
        Sys.CheckPath(path);
        for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            MakeDirectory(end < 0 ? path : path[..end]);
            if (end < 0)
                return;
        }
    }

    /// <summary>Makes a symbolic link; the target is stored verbatim and never followed by this class.</summary>
    public void MakeSymlink(string path, string target)
    {
        Sys.CheckPath(target);
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.Symlink, full);
        using var parent = OpenParent(path, FsOperation.Symlink, out var name);
        Sys.Check(Libc.SymlinkAt(target, parent, name), FsOperation.Symlink, full);
    }

    /// <summary>Gives a file of another tree one more name in this one (a hard link): what is written through
    /// either name changes both.</summary>
    /// <param name="path">The new name; it must not be taken.</param>
    /// <param name="source">The other tree.</param>
    /// <param name="sourcePath">The file's name there.</param>
    /// <returns>False when the file system, or who owns the file, does not allow it, or nothing bears that name.</returns>
    public bool TryLink(string path, DirectoryTree source, string sourcePath)
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

    /// <summary>Removes a file or link.</summary>
    /// <returns>False when nothing bore the name.</returns>
    public bool Unlink(string path)
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

    /// <summary>What bears a name; null when nothing does.</summary>
    public TreeEntry? Find(string path)
    {
        var full = Full(path);
        // O_PATH with O_NOFOLLOW opens the link itself, but RESOLVE_NO_SYMLINKS forbids even that: hence the parent.
        var parent = TryOpenParent(path, out var name, out var error);
        if (parent is null)
            return error is Errno.NoEntry or Errno.NotDirectory ? null : throw Sys.Failure(FsOperation.Open, full, error);
        using (parent)
        {
            var bytes = Sys.Utf8.Bytes(name);
            Libc.FactsBuffer buffer;
            fixed (byte* start = bytes)
            {
                var result = Libc.Inspect(parent, start, Libc.SymlinkNoFollow, 0x7ff, &buffer);
                if (Sys.LastError(result) == Errno.NoEntry)
                    return null;
                Sys.Check(result, FsOperation.Inspect, full);
            }
            return Entry(parent, bytes, path, FileFacts.Of(buffer));
        }
    }

    /// <summary>Everything in the tree, each directory before what is in it, names sorted by their bytes.</summary>
    /// <exception cref="ChunkOtaException"><c>PATH_CHARS</c> when a name is not UTF-8.</exception>
    public IEnumerable<TreeEntry> List()
    {
        // A descriptor has one reading position; this listing takes one of its own.
        using var root = TryOpenBeneath(".", Libc.ReadOnly | Libc.DirectoryFlag, default, out var error)
            ?? throw Sys.Failure(FsOperation.List, Root, error);
        foreach (var entry in List(root, ""))
            yield return entry;
    }

    /// <summary>Sets the permission bits of the tree's root.</summary>
    public void SetMode(UnixMode mode)
    {
        using var step = FaultPoint.Hit(FsOperation.ChangeMode, Root);
        Sys.Check(Libc.ChangeMode(_directory, (uint)mode & 0x1ff), FsOperation.ChangeMode, Root);
    }

    /// <summary>Makes the names in a directory of the tree survive a power cut; the root's by default.</summary>
    public void SyncDirectory(string path = "")
    {
        var full = path.Length == 0 ? Root : Full(path);
        using var step = FaultPoint.Hit(FsOperation.SyncDirectory, full);
        if (path.Length == 0)
        {
            Fs.Sync(_directory, full);
            return;
        }
        using var directory = TryOpenBeneath(path, Libc.ReadOnly | Libc.DirectoryFlag, default, out var error)
            ?? throw Sys.Failure(FsOperation.SyncDirectory, full, error);
        Fs.Sync(directory, full);
    }

    /// <summary>Makes the whole tree, and all else on its file system, survive a power cut.</summary>
    public void SyncFileSystem()
    {
        using var step = FaultPoint.Hit(FsOperation.SyncFileSystem, Root);
        Sys.Check(Libc.SyncFileSystem(_directory), FsOperation.SyncFileSystem, Root);
    }

    /// <summary>Closes the descriptor; the tree stays.</summary>
    public void Dispose() => _directory.Dispose();

    private DurableFile? TryOpenFile(string path, int flags)
    {
        var handle = TryOpenBeneath(path, flags, default, out var error);
        if (handle is null && error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, Full(path), error);
        return handle is null ? null : new DurableFile(handle, Full(path));
    }

    /// <summary>Makes a directory whose parent is there, mode 0755; one that is there already stays.</summary>
    public void MakeDirectory(string path)
    {
        var full = Full(path);
        using var step = FaultPoint.Hit(FsOperation.MakeDirectory, full);
        using var parent = OpenParent(path, FsOperation.MakeDirectory, out var name);
        var error = Sys.LastError(Libc.MakeDirectoryAt(parent, name, (uint)UnixMode.Executable));
        if (error is not (Errno.None or Errno.Exists))
            throw Sys.Failure(FsOperation.MakeDirectory, full, error);
        using var made = TryOpenBeneath(path, Libc.ReadOnly | Libc.DirectoryFlag, default, out var opening)
            ?? throw Sys.Failure(FsOperation.MakeDirectory, full, opening);
        if (error == Errno.None)
            Sys.Check(Libc.ChangeMode(made, (uint)UnixMode.Executable), FsOperation.ChangeMode, full);
    }

    private SafeFileHandle? TryOpenBeneath(string path, int flags, UnixMode mode, out Errno error) =>
        BeneathOpen.TryOpen(_way, _directory, path, flags, mode, out error);

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
            default,
            out error);
    }

    private IEnumerable<TreeEntry> List(SafeFileHandle directory, string prefix)
    {
        var here = prefix.Length == 0 ? Root : Full(prefix);
        foreach (var name in DirectoryReader.Read(directory, here))
        {
            var path = prefix.Length == 0 ? name.Text(here) : $"{prefix}/{name.Text(here)}";
            var facts = DirectoryReader.Inspect(directory, name.Bytes, path);
            yield return Entry(directory, name.Bytes, path, facts);
            if (facts.Kind != FileKind.Directory)
                continue;
            using var inner = DirectoryReader.OpenChild(directory, name, Full(path));
            foreach (var entry in List(inner, path))
                yield return entry;
        }
    }

    private TreeEntry Entry(SafeFileHandle directory, ReadOnlySpan<byte> name, string path, FileFacts facts) => new(
        path, facts, facts.Kind == FileKind.SymbolicLink ? Sys.ReadLink(directory, name, Full(path)) : null);

    private string Full(string path) => new StringBuilder(Root).Append('/').Append(path).ToString();
}
