using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>A file, empty directory or link of the tree that is published.</summary>
/// <param name="Path">From the tree's root, components joined by <c>/</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Status">As they were when the tree was scanned.</param>
/// <param name="LinkTarget">For a link, its target, verbatim.</param>
internal sealed record SourceEntry(string Path, EntryKind Kind, FileStatus Status, string? LinkTarget)
{
    /// <summary>Bytes of content; 0 for a link or directory.</summary>
    public long Length => Kind == EntryKind.File ? Status.Length : 0;
}

/// <summary>The tree that is published: read through its root's descriptor, no link in it followed.</summary>
internal sealed class SourceTree : IDisposable
{
    private const int SpecialBits = 0b111_000_000_000;

    private readonly DirectoryTree _tree;

    private SourceTree(DirectoryTree tree, IReadOnlyList<SourceEntry> entries, int excluded)
    {
        _tree = tree;
        Excluded = excluded;
        Entries = entries;
        TotalBytes = entries.Sum(entry => entry.Length);
        Files = entries.Count(entry => entry.Kind == EntryKind.File);
    }

    /// <summary>Everything that becomes an entry of the manifest, sorted by the bytes of the path.</summary>
    public IReadOnlyList<SourceEntry> Entries { get; }

    /// <summary>The entries that were left out; a directory counts once, whatever is in it.</summary>
    public int Excluded { get; }

    /// <summary>The directory, for messages.</summary>
    public string Root => _tree.Root;

    /// <summary>The number of files; links and empty directories are not counted.</summary>
    public int Files { get; }

    /// <summary>The sum of the files' lengths.</summary>
    public long TotalBytes { get; }

    /// <summary>Scans a directory.</summary>
    /// <param name="directory">A directory, or a link to one: the operator named it.</param>
    /// <param name="excludes">Patterns of what is left out, beside those of the tree's ignore files.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>TYPE_UNKNOWN</c>: a device, FIFO or socket. <c>MODE_REFUSED</c>: setuid, setgid or sticky. <c>PATH_CHARS</c>:
    /// a name that is not UTF-8. <c>PATH_…</c>: another rule of paths. <c>IO_ERROR</c>: it cannot be read.
    /// <c>CONFIG_INVALID</c>: an ignore file is not text.
    /// </exception>
    public static SourceTree Scan(string directory, IReadOnlyList<string>? excludes = null)
    {
        var root = new DirectoryInfo(Path.TrimEndingDirectorySeparator(directory));
        var target = root.LinkTarget is null
            ? root.FullName
            : root.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        if (File.Exists(target))
            throw new ChunkOtaException(ErrorCodes.Usage, $"this is not a directory: '{directory}': publish a folder");
        var tree = (target is null ? null : DirectoryTree.TryOpen(target))
            ?? throw new ChunkOtaException(ErrorCodes.Usage, $"there is no directory '{directory}'");
        try
        {
            var ignored = new IgnoreRules(excludes ?? []);
            return new SourceTree(tree, Sorted(Collect(tree, ignored)), ignored.Excluded);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file of the tree.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: it is gone, or no longer the file that was
    /// scanned.</exception>
    public DurableFile Open(SourceEntry entry)
    {
        var file = _tree.TryOpenRead(entry.Path) ?? throw Changed(entry);
        try
        {
            CheckUnchanged(entry, file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Checks that an open file is still what was scanned: the same object, length, time of change and
    /// execute bit. More names for it, or other permissions, change nothing that is published.</summary>
    public static void CheckUnchanged(SourceEntry entry, DurableFile file)
    {
        if (Content(file.Status) != Content(entry.Status))
            throw Changed(entry);

        static (FileKind, ulong, ulong, long, long, bool) Content(FileStatus status) => (
            status.Kind, status.Device, status.Inode, status.Length, status.ModifiedNanoseconds, status.IsExecutable);
    }

    /// <summary>The failure of a file that is written to while it is read.</summary>
    public static ChunkOtaException Changed(SourceEntry entry) => new(ErrorCodes.IoError,
        $"'{entry.Path}' changed while it was published: publish a tree that nothing writes to");

    public void Dispose() => _tree.Dispose();

    private static List<SourceEntry> Collect(DirectoryTree tree, IgnoreRules ignored)
    {
        List<SourceEntry> entries = [];
        ignored.Begin(tree);
        TreeEntry? open = null;
        foreach (var found in tree.List(entry => ignored.Skips(tree, entry)))
        {
            Refuse(found);
            // A directory comes before what is in it: if something else follows, it was empty.
            if (open is not null && !found.Path.StartsWith(open.Path + '/', StringComparison.Ordinal))
                entries.Add(new SourceEntry(open.Path, EntryKind.EmptyDirectory, open.Status, null));
            open = found.Status.Kind == FileKind.Directory ? found : null;
            if (open is null)
                entries.Add(new SourceEntry(found.Path, KindOf(found), found.Status, found.LinkTarget));
        }

        if (open is not null)
            entries.Add(new SourceEntry(open.Path, EntryKind.EmptyDirectory, open.Status, null));
        return entries;
    }

    private static EntryKind KindOf(TreeEntry found) =>
        found.Status.Kind == FileKind.SymbolicLink ? EntryKind.SymbolicLink : EntryKind.File;

    private static void Refuse(TreeEntry found)
    {
        // Here, and not only when the manifest is made, so that a folder that is too deep is not walked to its end.
        ReleasePath.Parse(found.Path);
        if (found.Status.Kind == FileKind.Other)
        {
            throw new ChunkOtaException(ErrorCodes.TypeUnknown,
                $"a device, FIFO or socket cannot be in a release: '{OneLine.Of(found.Path)}'");
        }

        // The bits of a link are not its own.
        if (found.Status.Kind != FileKind.SymbolicLink && (found.Status.Mode & SpecialBits) != 0)
        {
            throw new ChunkOtaException(ErrorCodes.ModeRefused,
                $"'{found.Path}' has mode {Convert.ToString(found.Status.Mode, 8)}: setuid, setgid and sticky cannot "
                + "be released "
                + "(chmod u-s,g-s,-t)");
        }
    }

    private static List<SourceEntry> Sorted(List<SourceEntry> entries)
    {
        entries.Sort((one, other) => ReleasePath.Compare(one.Path, other.Path));
        return entries;
    }
}
