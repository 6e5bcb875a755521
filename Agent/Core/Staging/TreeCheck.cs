using ChunkOta.Durable;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>One way in which an installed tree is not as it was installed.</summary>
/// <param name="Path">Where.</param>
/// <param name="What">What is wrong, in a few words.</param>
public sealed record TreeDamage(string Path, string What);

/// <summary>Compares a tree with its manifest: every name, type, mode, link target and byte.</summary>
internal static class TreeCheck
{
    /// <summary>Compares.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="contents">What it should hold.</param>
    /// <param name="hash">Hashes and buffers; the caller's.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>What is wrong, in the order of paths; empty when nothing is.</returns>
    public static IReadOnlyList<TreeDamage> Run(
        ReleaseTree tree, ReleaseContents contents, FileHash hash, CancellationToken cancellation = default)
    {
        var damage = new List<TreeDamage>();
        var expected = new Dictionary<string, Entry>(StringComparer.Ordinal);
        var parents = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in contents.Entries)
        {
            expected.Add(entry.Path, entry);
            for (var slash = entry.Path.LastIndexOf('/'); slash > 0; slash = entry.Path.LastIndexOf('/', slash - 1))
                parents.Add(entry.Path[..slash]);
        }
        foreach (var found in List(tree, damage))
        {
            cancellation.ThrowIfCancellationRequested();
            if (expected.Remove(found.Path, out var entry))
            {
                if (Compare(tree, entry, found, hash) is { } what)
                    damage.Add(new TreeDamage(found.Path, what));
            }
            else if (found.Facts.Kind != FileKind.Directory || !parents.Contains(found.Path))
            {
                damage.Add(new TreeDamage(found.Path, "not part of the release"));
            }
        }
        foreach (var path in expected.Keys)
            damage.Add(new TreeDamage(path, "missing"));
        damage.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return damage;
    }

    /// <summary>What is in the tree, as far as its names are text.</summary>
    private static List<TreeEntry> List(ReleaseTree tree, List<TreeDamage> damage)
    {
        var all = new List<TreeEntry>();
        try
        {
            all.AddRange(tree.List());
        }
        catch (ChunkOtaException e) when (e is not FileSystemException)
        {
            damage.Add(new TreeDamage("", e.Message));
        }
        return all;
    }

    private static string? Compare(ReleaseTree tree, Entry entry, TreeEntry found, FileHash hash) => entry.Kind switch
    {
        EntryKind.SymbolicLink => found.Facts.Kind != FileKind.SymbolicLink ? "not a link"
            : found.LinkTarget != entry.LinkTarget ? "link to elsewhere" : null,
        EntryKind.EmptyDirectory => found.Facts.Kind != FileKind.Directory ? "not a directory" : null,
        _ => found.Facts.Kind != FileKind.File ? "not a file" : CompareFile(tree, entry, found, hash),
    };

    private static string? CompareFile(ReleaseTree tree, Entry entry, TreeEntry found, FileHash hash)
    {
        if (found.Facts.Length != (long)entry.Size)
            return "other size";
        try
        {
            using var file = tree.OpenRead(entry.Path);
            if (entry.Size > 0 && hash.Of(file, (long)entry.Size) != ReleaseContents.ContentOf(entry))
                return "other content";
        }
        catch (FileSystemException e)
        {
            return $"cannot be read ({e.Error})";
        }
        var mode = entry.Executable ? UnixMode.Executable : UnixMode.Ordinary;
        return found.Facts.Mode != (int)mode ? $"mode {Convert.ToString(found.Facts.Mode, 8)}" : null;
    }
}
