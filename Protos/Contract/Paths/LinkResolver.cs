namespace ChunkOta.Protos;

/// <summary>Follows the symbolic links of a release as the kernel would, inside the release's own tree alone.</summary>
/// <remarks>
/// Each link is resolved once and remembered, so the work grows with the length of all targets, no faster.
/// </remarks>
internal sealed class LinkResolver(ReleaseTree tree)
{
    /// <summary>The number of links that the Linux kernel follows in one path.</summary>
    private const int MaxHops = 40;

    private readonly Dictionary<TreeNode, (TreeNode End, int Hops)> _ends = new(ReferenceEqualityComparer.Instance);

    /// <summary>Checks that every link leads to something of the release.</summary>
    /// <exception cref="ManifestInvalidException">LINK_ESCAPE, LINK_LOOP, LINK_DANGLING.</exception>
    public void CheckAll()
    {
        foreach (var link in tree.Links)
            Resolve(link, depth: 1);
    }

    private (TreeNode End, int Hops) Resolve(TreeNode link, int depth)
    {
        if (_ends.TryGetValue(link, out var known))
            return known;
        if (depth > MaxHops) // a link that is being resolved is met again, at the latest, here
            throw Refused(ErrorCodes.LinkLoop, link, $"it leads back to itself or over more than {MaxHops} links");
        var node = Parent(link);
        var hops = 1;
        foreach (var part in link.Target.AsSpan().Split('/'))
        {
            node = Step(link, node, link.Target.AsSpan()[part]);
            if (node.Kind != NodeKind.Link)
                continue;
            var (end, more) = Resolve(node, depth + 1);
            node = end;
            hops += more;
        }
        if (hops > MaxHops)
            throw Refused(ErrorCodes.LinkLoop, link, $"it leads over more than {MaxHops} links");
        return _ends[link] = (node, hops);
    }

    /// <summary>The node that one component of a link's target leads to.</summary>
    private TreeNode Step(TreeNode link, TreeNode node, ReadOnlySpan<char> component)
    {
        if (!node.IsDirectory)
            throw Refused(ErrorCodes.LinkDangling, link, $"\"{OneLine.Of(node.Path)}\" is not a directory");
        if (component is "" or ".")
            return node;
        if (component is "..")
            return node == TreeNode.Root
                ? throw Refused(ErrorCodes.LinkEscape, link, "that is outside the release")
                : Parent(node);
        var path = node == TreeNode.Root ? component.ToString() : $"{node.Path}/{component}";
        return tree.Find(path)
            ?? throw Refused(ErrorCodes.LinkDangling, link, "there is nothing in the release");
    }

    private TreeNode Parent(TreeNode node) =>
        tree.Find(node.Path[..Math.Max(0, node.Path.LastIndexOf('/'))])!; // every parent is in the tree

    private static ManifestInvalidException Refused(string code, TreeNode link, string why) =>
        ReleasePath.Refused(code, link.Path, $"it is a link to \"{OneLine.Of(link.Target)}\": {why}");
}
