using ChunkOta.Durable;

namespace ChunkOta.Tests.Faults.Disk;

/// <summary>Records what a run does to a folder, as changes of names and of inodes, by looking at the folder after each
/// operation.</summary>
/// <remarks>The folder must be on a file system that uses no inode number twice, as tmpfs does.</remarks>
internal sealed class DiskRecorder : IDiskObserver
{
    private readonly Lock _running = new();
    private readonly string _folder;
    private readonly Dictionary<string, ulong> _paths = new(StringComparer.Ordinal);
    private Dictionary<(ulong Directory, string Name), ulong> _names = [];

    public DiskRecorder(string folder)
    {
        _folder = folder;
        Root = Fs.FindStatus(folder)!.Value.Inode;
        Note(folder, Fs.FindStatus(folder)!.Value);
        _names = Scan();
        foreach (var (path, inode) in _paths)
            Inodes[inode].Content = Inodes[inode].Kind == FileKind.File ? File.ReadAllBytes(path) : [];
        FirstNames = _names;
        FirstInodes = Inodes.ToDictionary(pair => pair.Key, pair => pair.Value with { });
    }

    /// <summary>The inode of the folder itself.</summary>
    public ulong Root { get; }

    /// <summary>The names before the run.</summary>
    public IReadOnlyDictionary<(ulong Directory, string Name), ulong> FirstNames { get; }

    /// <summary>The inodes before the run.</summary>
    public IReadOnlyDictionary<ulong, RecordedInode> FirstInodes { get; }

    /// <summary>Every inode that ever had a name; those that the run made with the mode they were made with.</summary>
    public Dictionary<ulong, RecordedInode> Inodes { get; } = [];

    /// <summary>What happened, in order.</summary>
    public List<DiskEvent> Events { get; } = [];

    /// <summary>The operations that were seen.</summary>
    public List<(FsOperation Operation, string Path)> Steps { get; } = [];

    /// <inheritdoc/>
    public FaultMode Before(FsOperation operation, string path)
    {
        if (IsSeen(path))
            _running.Enter();
        return FaultMode.None;
    }

    /// <inheritdoc/>
    public void After(FsOperation operation, string path)
    {
        if (!IsSeen(path))
            return;
        try
        {
            Steps.Add((operation, path));
            Look(operation, path);
        }
        finally
        {
            _running.Exit();
        }
    }

    private bool IsSeen(string path) =>
        path.StartsWith(_folder, StringComparison.Ordinal)
        && (path.Length == _folder.Length || path[_folder.Length] == '/');

    private void Look(FsOperation operation, string path)
    {
        if (operation is FsOperation.Sync or FsOperation.SyncDirectory or FsOperation.SyncFileSystem)
        {
            var isAll = operation == FsOperation.SyncFileSystem;
            if (isAll || _paths.ContainsKey(path))
                Events.Add(new SyncEvent(isAll ? null : _paths[path]));
            return;
        }
        var modes = Inodes.ToDictionary(pair => pair.Key, pair => pair.Value.Mode);
        Compare(Scan());
        foreach (var (inode, mode) in modes)
        {
            if (Inodes[inode].Mode != mode)
                Events.Add(new ModeEvent(inode, Inodes[inode].Mode));
        }
        if (operation is FsOperation.Write or FsOperation.Truncate or FsOperation.Punch or FsOperation.Reserve
                or FsOperation.Clone
            && _paths.TryGetValue(path, out var changed) && File.Exists(path))
            CompareContent(changed, File.ReadAllBytes(path));
    }

    private void Compare(Dictionary<(ulong Directory, string Name), ulong> names)
    {
        List<NameChange> changes =
        [
            .. _names.Keys.Where(key => !names.ContainsKey(key))
                .Select(key => new NameChange(key.Directory, key.Name, null)),
            .. names.Where(pair => !_names.TryGetValue(pair.Key, out var before) || before != pair.Value)
                .Select(pair => new NameChange(pair.Key.Directory, pair.Key.Name, pair.Value)),
        ];
        _names = names;
        // The lock's file is made beside the operations that are seen, and means nothing.
        foreach (var change in changes.Where(change => change.Name == "lock"))
            Events.Add(new NameEvent([change]));
        changes.RemoveAll(change => change.Name == "lock");
        if (changes.Count > 0)
            Events.Add(new NameEvent(changes));
    }

    private void CompareContent(ulong inode, byte[] now)
    {
        var before = Inodes[inode].Content;
        Inodes[inode].Content = now;
        if (now.Length < before.Length || (now.Length > before.Length && IsZero(now.AsSpan(before.Length))))
        {
            Events.Add(new LengthEvent(inode, now.Length));
            Array.Resize(ref before, now.Length);
        }
        var first = before.AsSpan().CommonPrefixLength(now);
        var last = now.Length;
        while (last > first && last <= before.Length && before[last - 1] == now[last - 1])
            last--;
        if (last > first)
            Events.Add(new WriteEvent(inode, first, now[first..last]));
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

    private Dictionary<(ulong Directory, string Name), ulong> Scan()
    {
        var names = new Dictionary<(ulong, string), ulong>();
        Scan(_folder, Root, names);
        return names;
    }

    private void Scan(string folder, ulong inode, Dictionary<(ulong, string), ulong> names)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            if (Fs.FindStatus(path) is not { } status)
                continue;
            names.Add((inode, Path.GetFileName(path)), status.Inode);
            Note(path, status);
            if (status.Kind == FileKind.Directory)
                Scan(path, status.Inode, names);
        }
    }

    private void Note(string path, FileStatus status)
    {
        _paths[path] = status.Inode;
        if (Inodes.TryGetValue(status.Inode, out var known))
        {
            known.Mode = status.Mode;
            return;
        }
        Inodes.Add(status.Inode, new RecordedInode(
            status.Kind,
            status.Kind == FileKind.SymbolicLink ? Fs.FindLinkTarget(path)! : "")
        {
            Mode = status.Mode,
            FirstMode = status.Mode,
        });
    }
}

/// <summary>An inode as a recorder knows it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Target">The target of a link.</param>
internal sealed record RecordedInode(FileKind Kind, string Target)
{
    /// <summary>The mode it was made with, or had before the run.</summary>
    public required int FirstMode { get; init; }

    public required int Mode { get; set; }

    public byte[] Content { get; set; } = [];
}
