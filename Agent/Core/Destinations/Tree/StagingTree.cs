using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The tree that a release is put together in: <c>staging/DIGEST/</c>, for the agent alone.</summary>
/// <remarks>
/// Directories and files come first, symbolic links last, and no path is ever followed through a link
/// (<see cref="DirectoryTree"/>). What an interrupted run left here is used as far as it hashes right.
/// </remarks>
internal sealed class StagingTree : IDisposable
{
    private readonly DirectoryTree _tree;
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal) { "" };

    private StagingTree(DirectoryTree tree, ReleaseContents release)
    {
        _tree = tree;
        Release = release;
    }

    /// <summary>The release that the tree will hold.</summary>
    public ReleaseContents Release { get; }

    /// <summary>Its path.</summary>
    public string Root => _tree.Root;

    /// <summary>Opens the tree for a release, new or as it was left,
    /// and removes everything that is not part of the release.</summary>
    /// <param name="path">Its path; the folder that it lies in exists.</param>
    /// <param name="release">The release.</param>
    /// <param name="tombstones">Gets what must be removed.</param>
    public static StagingTree Open(string path, ReleaseContents release, Tombstones tombstones)
    {
        if (Fs.FindStatus(path) is { Kind: not FileKind.Directory })
            Fs.Unlink(path);
        Fs.MakeDirectory(path);
        if (TreeFiles.TryOpenTree(path) is { } tree)
        {
            var staging = new StagingTree(tree, release);
            try
            {
                if (staging.TrySweep())
                    return staging;
            }
            catch
            {
                staging.Dispose();
                throw;
            }
            staging.Dispose();
        }
        tombstones.Bury(path);
        return new StagingTree(DirectoryTree.Create(path), release);
    }

    /// <summary>Makes the file of an entry, empty, with its final mode,
    /// replacing whatever an earlier run left under its name.</summary>
    /// <param name="entry">A file.</param>
    /// <returns>Open for writing and reading; the caller's to close.</returns>
    public DurableFile CreateFile(Entry entry)
    {
        MakeParents(entry.Path);
        try
        {
            return _tree.CreateFile(entry.Path, entry.Executable);
        }
        catch (FileSystemException taken) when (taken.Problem == FileProblem.Exists)
        {
            _tree.Unlink(entry.Path);
            return _tree.CreateFile(entry.Path, entry.Executable);
        }
    }

    /// <summary>Gives a file of another tree one more name, that of an entry here.</summary>
    /// <param name="entry">A file.</param>
    /// <param name="from">The other tree.</param>
    /// <param name="path">The file's name there.</param>
    /// <returns>Open for reading, the caller's to close; null when it cannot be done.</returns>
    public DurableFile? TryLink(Entry entry, DirectoryTree from, string path)
    {
        MakeParents(entry.Path);
        _tree.Unlink(entry.Path);
        return _tree.TryLink(entry.Path, from, path) ? TreeFiles.TryOpenFile(_tree, entry.Path) : null;
    }

    /// <summary>Opens the file of an entry as it was left, or makes it;
    /// a file that an installed release shares is made anew.</summary>
    /// <param name="entry">A file.</param>
    /// <returns>Open for writing and reading; the caller's to close.</returns>
    public DurableFile OpenFile(Entry entry)
    {
        var file = TryOpenFile(entry);
        if (file is { Status.Links: 1 })
            return file;
        file?.Dispose();
        return CreateFile(entry);
    }

    /// <summary>Opens the file of an entry; null when it is not there.</summary>
    /// <param name="entry">A file.</param>
    /// <returns>Open for writing and reading; the caller's to close.</returns>
    public DurableFile? TryOpenFile(Entry entry) => _tree.TryOpenWrite(entry.Path);

    /// <summary>Sets the permissions of an entry's finished file.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="file">Its file.</param>
    public static void SetPermissions(Entry entry, DurableFile file) =>
        file.SetPermissions(PermissionsOf(entry));

    /// <summary>As <see cref="SetPermissions"/>; false when it is another user's file.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="file">Its file.</param>
    public static bool TrySetPermissions(Entry entry, DurableFile file)
    {
        try
        {
            SetPermissions(entry, file);
            return true;
        }
        catch (FileSystemException e) when (e.Problem == FileProblem.NotPermitted)
        {
            return false;
        }
    }

    /// <summary>Opens a file of the tree for reading; null when it is not there.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The caller's to close.</returns>
    public DurableFile? TryOpenRead(string path) => TreeFiles.TryOpenFile(_tree, path);

    /// <summary>The permissions of an entry's finished file.</summary>
    /// <param name="entry">A file.</param>
    public static Permissions PermissionsOf(Entry entry) =>
        entry.Executable ? Permissions.Executable : Permissions.Ordinary;

    /// <summary>Makes the empty directories and empty files.</summary>
    public void MakeEmptyEntries()
    {
        foreach (var entry in Release.Entries)
        {
            if (entry.Kind == EntryKind.EmptyDirectory)
                MakeDirectory(entry.Path);
            else if (entry.Kind == EntryKind.File && entry.Size == 0)
                CreateFile(entry).Dispose();
        }
    }

    /// <summary>Makes the link of an entry.</summary>
    /// <param name="entry">A symbolic link.</param>
    public void MakeLink(Entry entry)
    {
        MakeParents(entry.Path);
        _tree.Unlink(entry.Path);
        _tree.MakeSymlink(entry.Path, entry.LinkTarget);
    }

    /// <summary>Moves the finished entry of a file or link to its path in another tree.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="destination">The other tree; the directory exists there.</param>
    public void MoveTo(Entry entry, DirectoryTree destination) => _tree.Move(entry.Path, destination, entry.Path);

    /// <summary>Makes what was written so far survive a power cut.</summary>
    public void Sync() => _tree.SyncFileSystem();

    /// <summary>Returns the state of every entry, each as it must be.</summary>
    public ReleaseSeal ToSeal()
    {
        var seal = ReleaseSeal.None(Release.Entries.Count);
        var index = 0;
        foreach (var (_, found) in _tree.FindEach(Release.Entries, entry => entry.Path))
        {
            if (found is not null)
                seal.Set(index, found.Status);
            index++;
        }
        return seal;
    }

    /// <summary>Makes the symbolic links: the last entries to be made.</summary>
    public void MakeLinks()
    {
        foreach (var entry in Release.Entries.Where(entry => entry.Kind == EntryKind.SymbolicLink))
            MakeLink(entry);
    }

    /// <summary>Opens the tree's root to all readers and makes the whole tree survive a power cut.</summary>
    public void Seal()
    {
        _tree.SetPermissions(Permissions.Executable);
        _tree.SyncFileSystem();
    }

    /// <summary>Closes the tree; it stays.</summary>
    public void Dispose() => _tree.Dispose();

    /// <summary>Removes what is not part of the release; false when only removing the whole tree can do that.</summary>
    private bool TrySweep()
    {
        // A damaged release that is opened again comes with what is mounted in it: somebody's data.
        if (TreeUses.FindMount(_tree.Root) is not null)
            return false;
        try
        {
            foreach (var found in _tree.List(OpenUp).ToList())
            {
                switch (found.Status.Kind)
                {
                    case FileKind.Directory when Release.HasDirectory(found.Path):
                    case FileKind.File when Release.Find(found.Path) is >= 0 and var entry
                        && Release.Entries[entry].Kind == EntryKind.File:
                        break;
                    case FileKind.Directory:
                        return false;
                    default:
                        _tree.Unlink(found.Path);
                        break;
                }
            }
            return true;
        }
        catch (ChunkOtaException e) when (e is not FileSystemException { Problem: not FileProblem.NotPermitted })
        {
            // A name that is not text, or a directory that nobody may look into, cannot be one of ours.
            return false;
        }
    }

    /// <summary>Gives a directory of the release its permissions before it is looked into: a run that was killed has
    /// perhaps not come to that.</summary>
    private bool OpenUp(TreeEntry found)
    {
        if (found.Status.Kind == FileKind.Directory && !found.Status.Has(Permissions.Executable)
            && Release.HasDirectory(found.Path) && !_tree.IsMounted(found.Path))
            _tree.SetPermissions(found.Path, Permissions.Executable);
        return false;
    }

    private void MakeParents(string path) => MakeDirectory(ParentOf(path));

    private void MakeDirectory(string path)
    {
        if (!_directories.Add(path))
            return;
        MakeParents(path);
        _tree.MakeDirectory(path);
    }

    private static string ParentOf(string path) =>
        path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";
}
