using ChunkOta.Protos.V1;

namespace ChunkOta.Protos;

/// <summary>What the paths of a release make together: no two in one place, none through a link.</summary>
/// <remarks>Everything is symbolic: no file system is asked, so every machine gives the same answer.</remarks>
internal sealed class ReleaseTree
{
    private readonly Dictionary<string, TreeNode> _nodes;
    private readonly Dictionary<string, TreeNode>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly Dictionary<string, string>? _pathsByKey;
    private TreeNode _lastParent = TreeNode.Root;

    /// <param name="isPortable">Whether names must be portable, and differ in more than case and composition.</param>
    /// <param name="entries">How many entries will be added.</param>
    public ReleaseTree(bool isPortable, int entries)
    {
        _nodes = new(entries + 1, StringComparer.Ordinal) { [""] = TreeNode.Root };
        _bySpan = _nodes.GetAlternateLookup<ReadOnlySpan<char>>();
        _pathsByKey = isPortable ? new(entries, StringComparer.Ordinal) : null;
    }

    /// <summary>Adds an entry whose path keeps the rules of a text.</summary>
    /// <exception cref="ManifestInvalidException">
    /// PATH_DUPLICATE, PATH_CONFLICT, LINK_PARENT, and where the tree is portable PATH_NOT_PORTABLE, PATH_COLLISION.
    /// </exception>
    public void Add(Entry entry)
    {
        var path = entry.Path;
        var parent = AddParents(path);
        if (_nodes.TryGetValue(path, out var present))
            throw Refuse(present, path);
        var kind = entry.Kind switch
        {
            EntryKind.File => NodeKind.File,
            EntryKind.EmptyDirectory => NodeKind.EmptyDirectory,
            _ => NodeKind.Link,
        };
        AddNode(path, path[(path.LastIndexOf('/') + 1)..], parent, kind, entry.LinkTarget);
    }

    /// <summary>What stands at a path, "" for the release itself; null when nothing does.</summary>
    public TreeNode? Find(string path) => _nodes.GetValueOrDefault(path);

    /// <summary>All links, in the order they were added.</summary>
    public IEnumerable<TreeNode> Links => _nodes.Values.Where(node => node.Kind == NodeKind.Link);

    private TreeNode AddParents(string path)
    {
        // Entries come sorted, so that most stand beside the one before.
        if (path.AsSpan(0, Math.Max(0, path.LastIndexOf('/'))).SequenceEqual(_lastParent.Path))
            return _lastParent;
        var parent = TreeNode.Root;
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (!_bySpan.TryGetValue(path.AsSpan(0, slash), out var node))
            {
                var start = parent.Path.Length == 0 ? 0 : parent.Path.Length + 1;
                node = AddNode(path[..slash], path[start..slash], parent, NodeKind.Directory, "");
            }
            if (node.Kind == NodeKind.Link)
                throw ReleasePath.Refused(ErrorCodes.LinkParent, path, $"\"{OneLine.Of(node.Path)}\" is a link");
            if (node.Kind != NodeKind.Directory)
                throw ReleasePath.Refused(ErrorCodes.PathConflict, path,
                    $"\"{OneLine.Of(node.Path)}\" is {(node.Kind == NodeKind.File ? "a file" : "said to be empty")}");
            parent = node;
        }
        return _lastParent = parent;
    }

    private TreeNode AddNode(string path, string name, TreeNode parent, NodeKind kind, string target)
    {
        var key = path;
        if (_pathsByKey is not null)
        {
            if (PortableNames.FindProblem(name) is { } why)
                throw ReleasePath.Refused(ErrorCodes.PathNotPortable, path, why);
            var nameKey = UnicodeText.CollisionKey(name);
            // Where nothing folds, the key is the path itself and takes no memory.
            var isPath = ReferenceEquals(nameKey, name) && ReferenceEquals(parent.Key, parent.Path);
            key = isPath ? path : parent.Path.Length == 0 ? nameKey : $"{parent.Key}/{nameKey}";
            if (!_pathsByKey.TryAdd(key, path))
                throw ReleasePath.Refused(ErrorCodes.PathCollision, path,
                    $"\"{OneLine.Of(_pathsByKey[key])}\" is the same name where case or composition does not count");
        }
        var node = new TreeNode(path, key, kind, target);
        _nodes.Add(path, node);
        return node;
    }

    private static ManifestInvalidException Refuse(TreeNode present, string path) => present.Kind == NodeKind.Directory
        ? ReleasePath.Refused(ErrorCodes.PathConflict, path, "other entries use it as a directory")
        : ReleasePath.Refused(ErrorCodes.PathDuplicate, path, "it is there twice");
}

/// <summary>What a place in a release's tree is.</summary>
internal enum NodeKind
{
    /// <summary>Implied by what is below it.</summary>
    Directory,
    EmptyDirectory,
    File,
    Link,
}

/// <summary>A place in a release's tree.</summary>
/// <param name="Path">From the release's root.</param>
/// <param name="Key">What the path is where case and composition do not count.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">A link's target, else empty.</param>
internal sealed record TreeNode(string Path, string Key, NodeKind Kind, string Target)
{
    public static readonly TreeNode Root = new("", "", NodeKind.Directory, "");

    /// <summary>Whether something can stand, or be looked for, below it.</summary>
    public bool IsDirectory => Kind is NodeKind.Directory or NodeKind.EmptyDirectory;
}
