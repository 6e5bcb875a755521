namespace ChunkOta.Durable;

/// <summary>Finds out which directory trees are in use.</summary>
public static partial class TreeUses
{
    /// <summary>Looks for the mounts in trees, and for processes with a program, working or root directory, open file
    /// or mapped file in them.</summary>
    /// <remarks>Processes that this user must not look into are not seen, so a tree without an answer can still be in
    /// use. So can one that another container has mounted under another path.</remarks>
    /// <param name="trees">The paths of the trees.</param>
    /// <returns>One use of each tree that is in use, by the path that was given.</returns>
    public static partial IReadOnlyDictionary<string, TreeUse> Find(IEnumerable<string> trees);

    /// <summary>Finds a mount in a tree; null when there is none.</summary>
    /// <param name="tree">The path of the tree.</param>
    public static partial TreeUse? FindMount(string tree);
}
