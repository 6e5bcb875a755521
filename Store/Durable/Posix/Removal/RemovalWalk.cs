using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>One removal of a tree: a walk that removes each name when everything below it is gone.</summary>
/// <remarks>Only the directory that the walk is in is open, and its parent for a moment. The way up is <c>..</c>, which
/// must be the directory that the walk came from: one that was moved meanwhile ends the walk.</remarks>
/// <param name="parent">The directory that names the tree; the caller's.</param>
/// <param name="root">The tree's path, for messages.</param>
internal sealed unsafe class RemovalWalk(SafeFileHandle parent, string root) : IDisposable
{
    private const uint OwnerBits = 0b111_000_000;
    private const uint ModeBits = 0b111_111_111_111;
    private const int MaxShownPath = 4096;

    private readonly List<Level> _levels = [];
    private readonly List<LeftBehind> _left = [];
    private readonly StringBuilder _path = new(root);
    private SafeFileHandle? _here;
    private long _leftCount;
    private ulong _device;
    private ulong _mount;

    /// <summary>Walks the tree.</summary>
    /// <param name="name">The tree's name in its parent, with the NUL that C wants.</param>
    internal RemovalOutcome Run(byte[] name)
    {
        var above = StatusOf(parent);
        if (FindStatus(parent, name, out var error) is not { } status)
        {
            return error == Errno.NoEntry
                ? new RemovalOutcome(false, [], 0)
                : throw Sys.Failure(FsOperation.Inspect, root, error);
        }
        if (Sys.StatusOf(status).Kind != FileKind.Directory)
            throw Sys.Failure(FsOperation.Open, root, Errno.NotDirectory);
        _device = DeviceOf(above);
        _mount = MountId.Of(above, parent);
        Enter(parent, name, root);
        while (_levels.Count > 0)
        {
            var level = _levels[^1];
            if (level.Next == level.Names.Count)
                GoUp();
            else
                Remove(level.Names[level.Next++]);
        }
        return new RemovalOutcome(true, _left, _leftCount);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_here != parent)
            _here?.Dispose();
    }

    private void Remove(DirectoryName entry)
    {
        var path = PathOf(entry);
        if (entry.Kind == FileKind.Directory
            || Unlink(_here!, entry.Bytes, path, FsOperation.Unlink, 0) == Errno.IsDirectory)
            Enter(_here!, entry.Bytes, path);
    }

    /// <summary>Goes into a directory, if it is one of this tree's own.</summary>
    private void Enter(SafeFileHandle above, byte[] name, string path)
    {
        // The first look is by name: to open a place where something is mounted on demand would mount it.
        if (FindStatus(above, name, out var error) is { } found)
        {
            if (IsElsewhere(found, (found.Mask & Libc.MountIdMask) != 0 ? found.MountId : _mount))
            {
                Note(path, RemovalObstacle.Mount);
                return;
            }
            if (Open(above, name, found, path, out error) is { } inner)
            {
                Take(above, inner, new Level(name, found.Inode, _path.Length) { Mode = found.Mode & ModeBits }, path);
                return;
            }
        }
        if (error is Errno.NotDirectory or Errno.Loop)
            Unlink(above, name, path, FsOperation.Unlink, 0);
        else if (error is Errno.Access or Errno.NotPermitted)
            Note(path, RemovalObstacle.NotPermitted);
        else if (error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, path, error);
    }

    private void Take(SafeFileHandle above, SafeFileHandle inner, Level level, string path)
    {
        var isEntered = false;
        try
        {
            var status = StatusOf(inner);
            if (IsElsewhere(status, MountId.Of(status, inner)))
            {
                Note(path, RemovalObstacle.Mount);
                return;
            }
            MakeAccessible(inner, status, path);
            level.Inode = status.Inode;
            level.Names = DirectoryReader.Read(inner, path);
            if (_levels.Count > 0)
                _path.Append('/').Append(Encoding.UTF8.GetString(level.Name.AsSpan(..^1)));
            _levels.Add(level);
            _here = inner;
            isEntered = true;
        }
        finally
        {
            if (!isEntered)
                inner.Dispose();
            else if (above != parent)
                above.Dispose();
        }
    }

    /// <summary>Goes back up, and removes the directory if nothing is left in it.</summary>
    private void GoUp()
    {
        var level = _levels[^1];
        var path = PathOf(null);
        var done = _here!;
        _here = _levels.Count == 1 ? parent : OpenAbove(done, _levels[^2], path);
        using (done)
        {
            _path.Length = level.PathLength;
            _levels.RemoveAt(_levels.Count - 1);
            if (!level.HasLeft && Unlink(_here, level.Name, path, FsOperation.RemoveDirectory, Libc.RemoveDirectory)
                is Errno.None or Errno.NoEntry)
                return;
            if (_levels.Count > 0)
                _levels[^1].HasLeft = true;
            if ((level.Mode & OwnerBits) != OwnerBits)
                _ = Libc.ChangeMode(done, level.Mode);
        }
    }

    private SafeFileHandle OpenAbove(SafeFileHandle directory, Level level, string path)
    {
        var flags = Libc.ReadOnly | Libc.DirectoryFlag | Libc.NoFollow | Libc.CloseOnExec;
        var above = Opened(Libc.OpenAt(directory, "..", flags, 0), out var error)
            ?? throw Sys.Failure(FsOperation.Open, path, error);
        if (StatusOf(above).Inode == level.Inode)
            return above;
        above.Dispose();
        throw new FileSystemException(
            FsOperation.Open, path, FileProblem.Outside, "it was moved while it was being removed: run again");
    }

    /// <summary>Removes a name; what cannot be removed is noted.</summary>
    private Errno Unlink(SafeFileHandle directory, byte[] name, string path, FsOperation operation, int flags)
    {
        using var step = FaultPoint.Hit(operation, path);
        Errno error;
        fixed (byte* start = name)
        {
            error = Sys.LastError(Libc.UnlinkAt(directory, start, flags));
        }
        switch (error)
        {
            case Errno.None or Errno.NoEntry or Errno.IsDirectory:
                break;
            case Errno.InUse:
                Note(path, RemovalObstacle.Mount);
                break;
            case Errno.NotPermitted when IsProtected(directory, name):
                Note(path, RemovalObstacle.Protected);
                break;
            case Errno.NotPermitted or Errno.Access:
                Note(path, RemovalObstacle.NotPermitted);
                break;
            case Errno.NotEmpty or Errno.Exists or Errno.NotDirectory:
                Note(path, RemovalObstacle.Changed);
                break;
            default:
                throw Sys.Failure(operation, path, error);
        }
        return error;
    }

    private void Note(string path, RemovalObstacle obstacle)
    {
        if (_levels.Count > 0)
            _levels[^1].HasLeft = true;
        _leftCount++;
        if (_left.Count < RemovalOutcome.MaxLeft)
            _left.Add(new LeftBehind(path, obstacle));
    }

    private bool IsElsewhere(in Libc.StatusBuffer status, ulong mount) =>
        DeviceOf(status) != _device || mount != _mount;

    private bool IsProtected(SafeFileHandle directory, byte[] name)
    {
        var attributes = StatusOf(directory).Attributes | (FindStatus(directory, name, out _)?.Attributes ?? 0);
        return (attributes & Libc.ProtectedAttributes) != 0;
    }

    /// <summary>Opens a directory for reading; one that its owner must not read is made readable first.</summary>
    private static SafeFileHandle? Open(
        SafeFileHandle above, byte[] name, in Libc.StatusBuffer found, string path, out Errno error)
    {
        var flags = Libc.DirectoryFlag | Libc.NoFollow | Libc.CloseOnExec;
        fixed (byte* start = name)
        {
            var opened = Opened(Libc.OpenAt(above, start, Libc.ReadOnly | flags, 0), out error);
            if (error != Errno.Access || (found.Mode & OwnerBits) == OwnerBits)
                return opened;
            // What has no read permission can only be opened as a place; the mode is then set through /proc.
            using var place = Opened(Libc.OpenAt(above, start, Libc.PathOnly | flags, 0), out error);
            if (place is null)
                return null;
            using var step = FaultPoint.Hit(FsOperation.ChangeMode, path);
            error = Sys.LastError(Libc.ChangeMode(
                $"/proc/self/fd/{place.DangerousGetHandle()}", (found.Mode & ModeBits) | OwnerBits));
            return error == Errno.None ? Opened(Libc.OpenAt(above, start, Libc.ReadOnly | flags, 0), out error) : null;
        }
    }

    private static SafeFileHandle? Opened(int descriptor, out Errno error)
    {
        error = Sys.LastError(descriptor);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Lets the owner list and change a directory; another user's stays as it is.</summary>
    private static void MakeAccessible(SafeFileHandle directory, in Libc.StatusBuffer status, string path)
    {
        if ((status.Mode & OwnerBits) == OwnerBits)
            return;
        using var step = FaultPoint.Hit(FsOperation.ChangeMode, path);
        _ = Libc.ChangeMode(directory, (status.Mode & ModeBits) | OwnerBits);
    }

    private static Libc.StatusBuffer? FindStatus(SafeFileHandle directory, byte[] name, out Errno error)
    {
        Libc.StatusBuffer status;
        fixed (byte* start = name)
        {
            error = Sys.LastError(Libc.Inspect(
                directory, start, Libc.SymlinkNoFollow | Libc.NoAutomount, Libc.StatusMask, &status));
        }
        return error == Errno.None ? status : null;
    }

    private Libc.StatusBuffer StatusOf(SafeFileHandle directory)
    {
        Libc.StatusBuffer status;
        byte empty = 0;
        Sys.Check(Libc.Inspect(directory, &empty, Libc.EmptyPath, Libc.StatusMask, &status), FsOperation.Inspect, root);
        return status;
    }

    private static ulong DeviceOf(in Libc.StatusBuffer status) =>
        ((ulong)status.DeviceMajor << 32) | status.DeviceMinor;

    /// <summary>The path of a name in the directory that the walk is in, or of that directory; a part of it where it is
    /// longer than any path that could be opened.</summary>
    private string PathOf(DirectoryName? entry)
    {
        var path = _path.Length > MaxShownPath ? $"{root}/..." : _path.ToString();
        return entry is { } name ? $"{path}/{Encoding.UTF8.GetString(name.Span)}" : path;
    }

    /// <summary>A directory on the way from the tree's root to where the walk is.</summary>
    private sealed class Level(byte[] name, ulong inode, int pathLength)
    {
        /// <summary>Its name in the directory above, with a NUL.</summary>
        public byte[] Name => name;

        /// <summary>Its number on the file system.</summary>
        public ulong Inode { get; set; } = inode;

        /// <summary>The mode that it gets back if it stays.</summary>
        public uint Mode { get; init; }

        /// <summary>The length of the path above it.</summary>
        public int PathLength => pathLength;

        /// <summary>The names in it.</summary>
        public List<DirectoryName> Names { get; set; } = [];

        /// <summary>The index of the next name.</summary>
        public int Next { get; set; }

        /// <summary>True when something in it stays.</summary>
        public bool HasLeft { get; set; }
    }
}
