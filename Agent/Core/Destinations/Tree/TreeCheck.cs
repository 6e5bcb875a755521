using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Compares a tree with its manifest: names, types, modes, destinations of links, and bytes.</summary>
/// <remarks>A manifest says nothing about the modes of directories: each has that with which it was installed. What is
/// in a directory that its owner must not look into is not looked at, and is not a finding.</remarks>
/// <param name="tree">The tree.</param>
/// <param name="contents">The release that it should hold.</param>
/// <param name="hash">Hashes and buffers; the caller's.</param>
internal sealed class TreeCheck(DirectoryTree tree, ReleaseContents contents, FileHash hash)
{
    private const int OpenBits = 0b101_000_000;

    private readonly List<TreeDamage> _damage = [];
    private readonly List<TreeDamage> _gone = [];
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal);
    private readonly MutablePaths _mutable = MutablePaths.Of(contents.Manifest);

    /// <summary>Tells whether the owner of a directory may look into it.</summary>
    /// <param name="directory">Its status.</param>
    public static bool IsOpen(FileStatus directory) => (directory.Mode & OpenBits) == OpenBits;

    /// <summary>Compares every entry, and lists what is not part of the release.</summary>
    /// <param name="seal">Gets the state of every entry that is as it must be.</param>
    public TreeFindings Run(ReleaseSeal seal, CancellationToken cancellationToken = default)
    {
        Compare(seal, isFull: true, cancellationToken);
        return Findings(FindExtra(cancellationToken));
    }

    /// <summary>Compares the entries that look as if they had changed since the release was sealed.</summary>
    /// <param name="seal">The state of each entry then; gets the state of those that are as they must be.</param>
    public TreeFindings RunQuickly(ReleaseSeal seal, CancellationToken cancellationToken = default)
    {
        Compare(seal, isFull: false, cancellationToken);
        return Findings([]);
    }

    private TreeFindings Findings(IReadOnlyList<string> extra)
    {
        _damage.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return new TreeFindings(_damage, extra) { Gone = _gone };
    }

    private void Compare(ReleaseSeal seal, bool isFull, CancellationToken cancellationToken)
    {
        foreach (var (expected, found) in tree.FindEach(Paths(), expected => expected.Path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (expected.Entry is { } entry)
                CompareEntry(expected.Index, entry, found, seal, isFull);
            else if (found is { Status.Kind: FileKind.Directory })
                CompareDirectory(found);
        }
    }

    /// <summary>Lists each entry, and before it the directories that begin with it.</summary>
    private IEnumerable<ExpectedPath> Paths()
    {
        var (index, before, closed) = (0, "", (string?)null);
        foreach (var entry in contents.Entries)
        {
            var (i, path) = (index++, entry.Path);
            if (closed is not null && path.StartsWith(closed, StringComparison.Ordinal))
                continue;
            closed = null;
            var same = path.AsSpan().CommonPrefixLength(before);
            for (var slash = path.IndexOf('/', same);
                slash >= 0 && closed is null;
                slash = path.IndexOf('/', slash + 1))
            {
                var directory = path[..slash];
                yield return new ExpectedPath(directory, -1, null);
                // By now it was compared.
                if (_closed.Contains(directory))
                    closed = directory + "/";
            }
            before = path;
            if (closed is null)
                yield return new ExpectedPath(path, i, entry);
        }
    }

    private void CompareDirectory(TreeEntry found)
    {
        // What somebody has mounted into the release is not of it.
        if (found.Status.Has(Permissions.Executable) || _mutable.Matches(found.Path, isDirectory: true)
            || tree.IsMounted(found.Path))
            return;
        _damage.Add(TreeDamage.OfDirectory(found.Path, found.Status));
        if (!IsOpen(found.Status))
            _closed.Add(found.Path);
    }

    private void CompareEntry(int index, Entry entry, TreeEntry? found, ReleaseSeal seal, bool isFull)
    {
        if (_mutable.Matches(entry.Path, entry.Kind == EntryKind.EmptyDirectory))
        {
            if (found is null)
                _gone.Add(new TreeDamage(entry.Path, "missing"));
            return;
        }
        if (entry.Kind == EntryKind.EmptyDirectory && found is { Status.Kind: FileKind.Directory })
            CompareDirectory(found);
        if (!isFull && found is not null && IsLike(entry, found.Status) && seal.Has(index, found.Status))
            return;
        if (FindDamage(entry, found) is { } damage)
        {
            _damage.Add(damage);
            seal.Forget(index);
        }
        else
        {
            seal.Set(index, found!.Status);
        }
    }

    private static bool IsLike(Entry entry, FileStatus status) => entry.Kind != EntryKind.File
        || (status.Length == (long)entry.Size && status.Has(StagingTree.PermissionsOf(entry)));

    private TreeDamage? FindDamage(Entry entry, TreeEntry? found)
    {
        if (found is null)
            return new TreeDamage(entry.Path, "missing");
        var what = entry.Kind switch
        {
            EntryKind.SymbolicLink => found.Status.Kind != FileKind.SymbolicLink ? "not a link"
                : found.LinkTarget != entry.LinkTarget ? "link to elsewhere" : null,
            EntryKind.EmptyDirectory => found.Status.Kind != FileKind.Directory ? "not a directory" : null,
            _ => found.Status.Kind != FileKind.File ? "not a file" : FindDamageOfFile(entry, found),
        };
        if (what is not null)
            return new TreeDamage(entry.Path, what);
        return entry.Kind == EntryKind.File && !found.Status.Has(StagingTree.PermissionsOf(entry))
            ? new TreeDamage(entry.Path, $"mode {Convert.ToString(found.Status.Mode, 8)}") { IsOfMode = true }
            : null;
    }

    private string? FindDamageOfFile(Entry entry, TreeEntry found)
    {
        if (found.Status.Length != (long)entry.Size)
            return "other size";
        if (entry.Size == 0)
            return null;
        try
        {
            using var file = tree.OpenRead(entry.Path);
            return hash.Of(file, (long)entry.Size) == ReleaseContents.ContentOf(entry) ? null : "other content";
        }
        catch (FileSystemException e)
        {
            return $"cannot be read ({e.Problem})";
        }
    }

    /// <summary>Lists what others have added, and finds what stands where a directory of the release must
    /// be.</summary>
    private List<string> FindExtra(CancellationToken cancellationToken)
    {
        var extra = new List<string>();
        try
        {
            foreach (var _ in tree.List(found => IsExtra(found, extra)))
                cancellationToken.ThrowIfCancellationRequested();
        }
        catch (ChunkOtaException e) when (e is not FileSystemException)
        {
            // A name that is not text: certainly not one of the release. The listing cannot go on after it.
            extra.Add(e.Message);
        }
        return extra;
    }

    private bool IsExtra(TreeEntry found, List<string> extra)
    {
        var isDirectory = found.Status.Kind == FileKind.Directory;
        var isParent = contents.HasDirectory(found.Path);
        if (isParent || contents.Find(found.Path) >= 0)
        {
            if (isParent && !isDirectory && contents.Find(found.Path) < 0)
                _damage.Add(new TreeDamage(found.Path, "not a directory"));
            return isDirectory && (!isParent || _closed.Contains(found.Path));
        }
        if (extra.Count < TreeFindings.MaxExtra && !_mutable.Matches(found.Path, isDirectory))
            extra.Add(isDirectory ? found.Path + "/" : found.Path);
        return true;
    }

    /// <summary>A path that the tree must have.</summary>
    /// <param name="Path">The path.</param>
    /// <param name="Index">The index of its entry; negative for a directory without one.</param>
    /// <param name="Entry">Its entry; null for a directory without one.</param>
    private sealed record ExpectedPath(string Path, int Index, Entry? Entry);
}
