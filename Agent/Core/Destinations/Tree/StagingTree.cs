using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>The tree that a release is put together in: <c>staging/DIGEST/</c>, which nobody else may enter.</summary>
/// <remarks>
/// Directories and files come first, symbolic links last, and no path is ever followed through a link
/// (<see cref="DirectoryTree"/>). What an interrupted run left here is used as far as it hashes right.
/// </remarks>
internal sealed class StagingTree : IDisposable
{
    private readonly DirectoryTree _tree;
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal) { "" };

    private StagingTree(DirectoryTree tree, WantedRelease target)
    {
        _tree = tree;
        Target = target;
    }

    /// <summary>What the tree is to become.</summary>
    public WantedRelease Target { get; }

    /// <summary>Its path.</summary>
    public string Root => _tree.Root;

    /// <summary>Where a release is staged.</summary>
    /// <param name="home">The product's place.</param>
    /// <param name="manifestDigest">The release.</param>
    public static string PathOf(ProductHome home, Digest manifestDigest) =>
        Path.Combine(home.Staging, manifestDigest.ToString());

    /// <summary>Opens the tree for a release, made anew or as it was left, without what does not belong there.</summary>
    /// <param name="home">The product's place; made already.</param>
    /// <param name="target">The release.</param>
    public static StagingTree Open(ProductHome home, WantedRelease target)
    {
        var path = PathOf(home, target.Digest);
        if (Fs.FindFacts(path) is { Kind: not FileKind.Directory })
            Fs.Unlink(path);
        Fs.MakeDirectory(path);
        var staging = new StagingTree(DirectoryTree.Open(path), target);
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
        Fs.RemoveTree(path);
        return new StagingTree(DirectoryTree.Create(path), target);
    }

    /// <summary>Makes the file of an entry, empty, with the mode it has when it is done, in place of whatever an earlier
    /// run left under its name.</summary>
    /// <param name="entry">A file.</param>
    /// <returns>Open for writing and reading; the caller's to close.</returns>
    public DurableFile CreateFile(Entry entry)
    {
        MakeParents(entry.Path);
        try
        {
            return _tree.CreateFile(entry.Path, entry.Executable);
        }
        catch (FileSystemException taken) when (taken.Error == Errno.Exists)
        {
            _tree.Unlink(entry.Path);
            return _tree.CreateFile(entry.Path, entry.Executable);
        }
    }

    /// <summary>Gives a file of another tree the name of an entry here, too.</summary>
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

    /// <summary>Opens the file of an entry as it was left, or makes it; one that a release has, too, is left to that
    /// release and made anew.</summary>
    /// <param name="entry">A file.</param>
    /// <returns>Open for writing and reading; the caller's to close.</returns>
    public DurableFile OpenFile(Entry entry)
    {
        var file = TryOpenFile(entry);
        if (file is { Facts.Links: 1 })
            return file;
        file?.Dispose();
        return CreateFile(entry);
    }

    /// <summary>Opens the file of an entry; null when it is not there.</summary>
    /// <param name="entry">A file.</param>
    /// <returns>Open for writing and reading; the caller's to close.</returns>
    public DurableFile? TryOpenFile(Entry entry) => _tree.TryOpenWrite(entry.Path);

    /// <summary>Sets the mode that an entry's file has when it is done.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="file">Its file.</param>
    public static void SetMode(Entry entry, DurableFile file) =>
        file.SetMode(ModeOf(entry));

    /// <summary>Opens a file of the tree for reading; null when it is not there.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The caller's to close.</returns>
    public DurableFile? TryOpenRead(string path) => TreeFiles.TryOpenFile(_tree, path);

    /// <summary>The mode that an entry's file has when it is done.</summary>
    /// <param name="entry">A file.</param>
    public static UnixMode ModeOf(Entry entry) => entry.Executable ? UnixMode.Executable : UnixMode.Ordinary;

    /// <summary>Makes the empty directories and empty files.</summary>
    public void MakeEmptyEntries()
    {
        foreach (var entry in Target.Entries)
        {
            if (entry.Kind == EntryKind.EmptyDirectory)
                MakeDirectory(entry.Path);
            else if (entry.Kind == EntryKind.File && entry.Size == 0)
                CreateFile(entry).Dispose();
        }
    }

    /// <summary>Makes the symbolic links: the last thing that is put into the tree.</summary>
    public void MakeLinks()
    {
        foreach (var entry in Target.Entries.Where(entry => entry.Kind == EntryKind.SymbolicLink))
        {
            MakeParents(entry.Path);
            _tree.Unlink(entry.Path);
            _tree.MakeSymlink(entry.Path, entry.LinkTarget);
        }
    }

    /// <summary>Opens the tree's root to all readers and makes the whole tree survive a power cut.</summary>
    public void Seal()
    {
        _tree.SetMode(UnixMode.Executable);
        _tree.SyncFileSystem();
    }

    /// <summary>Closes the tree; it stays.</summary>
    public void Dispose() => _tree.Dispose();

    /// <summary>Removes what does not belong; false when that takes removing everything.</summary>
    private bool TrySweep()
    {
        try
        {
            foreach (var found in _tree.List().ToList())
            {
                switch (found.Facts.Kind)
                {
                    case FileKind.Directory when Target.HasDirectory(found.Path):
                    case FileKind.File when Target.Find(found.Path) is >= 0 and var entry
                        && Target.Entries[entry].Kind == EntryKind.File:
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
        catch (ChunkOtaException e) when (e is not FileSystemException)
        {
            // A name that is no text cannot be one of ours.
            return false;
        }
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
