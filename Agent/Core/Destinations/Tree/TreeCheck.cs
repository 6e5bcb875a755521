using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Compares a tree with its manifest: names, types, modes, destinations of links, and bytes.</summary>
internal static class TreeCheck
{
    /// <summary>Lists the differences between a tree and its release.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="contents">The release that it should hold.</param>
    /// <param name="hash">Hashes and buffers; the caller's.</param>
    /// <returns>The differences, in the order of paths; empty when there are none.</returns>
    public static IReadOnlyList<TreeDamage> Run(
        DirectoryTree tree, ReleaseContents contents, FileHash hash, CancellationToken cancellationToken = default)
    {
        var damage = new List<TreeDamage>();
        var isThere = new bool[contents.Entries.Count];
        foreach (var found in List(tree, damage))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (contents.Find(found.Path) is >= 0 and var entry)
            {
                isThere[entry] = true;
                if (Compare(tree, contents.Entries[entry], found, hash) is { } what)
                    damage.Add(new TreeDamage(found.Path, what));
            }
            else if (found.Status.Kind != FileKind.Directory || !contents.HasDirectory(found.Path))
            {
                damage.Add(new TreeDamage(found.Path, "not part of the release"));
            }
        }
        for (var i = 0; i < isThere.Length; i++)
        {
            if (!isThere[i])
                damage.Add(new TreeDamage(contents.Entries[i].Path, "missing"));
        }
        damage.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return damage;
    }

    /// <summary>Lists the tree, up to a name that is not text.</summary>
    private static IEnumerable<TreeEntry> List(DirectoryTree tree, List<TreeDamage> damage)
    {
        using var all = tree.List().GetEnumerator();
        while (HasNext(all, damage))
            yield return all.Current;
    }

    private static bool HasNext(IEnumerator<TreeEntry> entries, List<TreeDamage> damage)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (ChunkOtaException e) when (e is not FileSystemException)
        {
            damage.Add(new TreeDamage("", e.Message));
            return false;
        }
    }

    private static string? Compare(DirectoryTree tree, Entry entry, TreeEntry found, FileHash hash) => entry.Kind switch
    {
        EntryKind.SymbolicLink => found.Status.Kind != FileKind.SymbolicLink ? "not a link"
            : found.LinkTarget != entry.LinkTarget ? "link to elsewhere" : null,
        EntryKind.EmptyDirectory => found.Status.Kind != FileKind.Directory ? "not a directory" : null,
        _ => found.Status.Kind != FileKind.File ? "not a file" : CompareFile(tree, entry, found, hash),
    };

    private static string? CompareFile(DirectoryTree tree, Entry entry, TreeEntry found, FileHash hash)
    {
        if (found.Status.Length != (long)entry.Size)
            return "other size";
        try
        {
            using var file = tree.OpenRead(entry.Path);
            if (entry.Size > 0 && hash.Of(file, (long)entry.Size) != ReleaseContents.ContentOf(entry))
                return "other content";
        }
        catch (FileSystemException e)
        {
            return $"cannot be read ({e.Problem})";
        }
        return found.Status.Has(StagingTree.PermissionsOf(entry))
            ? null
            : $"mode {Convert.ToString(found.Status.Mode, 8)}";
    }
}
