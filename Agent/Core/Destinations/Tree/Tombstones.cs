using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The trees that are to be removed: each gets a name under <c>staging/</c> first, so that a half-removed tree
/// never bears the name of a release, and a run that is killed leaves the rest to the next one.</summary>
/// <param name="home">The product's folder; its lock is held.</param>
internal sealed class Tombstones(ProductHome home)
{
    private const string Prefix = "removed-";

    /// <summary>Tells whether a name in staging is that of a tree that is to be removed.</summary>
    public static bool IsName(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes the name of a tree away; its files go with <see cref="RemoveAll"/>.</summary>
    /// <param name="path">The tree, on the file system of the home.</param>
    /// <exception cref="FileSystemException">It cannot be moved: it is a mount point, or protected.</exception>
    public void Bury(string path)
    {
        for (var number = 0; ; number++)
        {
            // One whose rest could not be removed may still have the name.
            var suffix = number == 0 ? "" : $"-{number}";
            var grave = Path.Combine(home.Staging, $"{Prefix}{Path.GetFileName(path)}{suffix}");
            if (TryMove(path, grave))
                return;
        }
    }

    /// <summary>Removes the trees as far as it can be done now.</summary>
    /// <returns>For each tree of which something stays, what that is.</returns>
    public IReadOnlyList<string> RemoveAll()
    {
        var left = new List<string>();
        foreach (var (name, kind) in Fs.FindNames(home.Staging) ?? [])
        {
            if (IsName(name) && kind == FileKind.Directory
                && TreeRemoval.Remove(Path.Combine(home.Staging, name)).Describe() is { } what)
                left.Add(what);
        }
        return left;
    }

    private static bool TryMove(string path, string grave)
    {
        try
        {
            return Fs.TryRenameNew(path, grave);
        }
        catch (FileSystemException e) when (e.Problem == FileProblem.NotPermitted)
        {
            // A directory that its owner must not write cannot move to another one: its ".." would change.
            using var tree = DirectoryTree.Open(path);
            tree.SetPermissions(Permissions.Executable);
            return Fs.TryRenameNew(path, grave);
        }
    }
}
