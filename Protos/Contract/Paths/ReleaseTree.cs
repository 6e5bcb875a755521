using System.Runtime.InteropServices;
using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>The tree that the paths of a release make: no two paths are the same, none passes through a link.</summary>
/// <remarks>
/// Everything is symbolic: no file system is asked, so every machine gives the same answer. Files, which are nearly all
/// that a release has, are looked for among its sorted entries and take no memory here but for their keys.
/// </remarks>
internal sealed class ReleaseTree
{
    private readonly IReadOnlyList<Entry> _entries;
    private readonly Dictionary<string, TreeNode> _nodes = new(StringComparer.Ordinal) { [""] = TreeNode.Root };
    private readonly Dictionary<string, TreeNode>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly HashSet<Digest>? _keys;
    private TreeNode _lastParent = TreeNode.Root;
    private int _added;

    /// <param name="isPortable">Whether names must be portable, and differ in more than case and composition.</param>
    /// <param name="entries">What will be added, in this order.</param>
    public ReleaseTree(bool isPortable, IReadOnlyList<Entry> entries)
    {
        _entries = entries;
        _bySpan = _nodes.GetAlternateLookup<ReadOnlySpan<char>>();
        _keys = isPortable ? new(entries.Count) : null;
    }

    /// <summary>
    /// Adds the next entry. Its path keeps the rules of a text and comes after that of the one before.
    /// </summary>
    /// <exception cref="ManifestInvalidException">
    /// PATH_CONFLICT, LINK_PARENT, and where the tree is portable PATH_NOT_PORTABLE, PATH_COLLISION.
    /// </exception>
    public void Add(Entry entry)
    {
        var path = entry.Path;
        var parent = AddParents(path);
        var key = KeyOf(path, path[(path.LastIndexOf('/') + 1)..], parent);
        if (entry.Kind != EntryKind.File)
        {
            var kind = entry.Kind == EntryKind.EmptyDirectory ? NodeKind.EmptyDirectory : NodeKind.Link;
            _nodes.Add(path, new TreeNode(path, key, kind, entry.LinkTarget));
        }
        _added++;
    }

    /// <summary>The node at a path, "" for the release itself; null when there is none.</summary>
    public TreeNode? Find(string path) =>
        _nodes.GetValueOrDefault(path) ?? (IsFile(path) ? new TreeNode(path, path, NodeKind.File, "") : null);

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
                var directory = path[..slash];
                if (IsFile(directory))
                    throw Conflict(path, directory, "a file");
                var start = parent.Path.Length == 0 ? 0 : parent.Path.Length + 1;
                var key = KeyOf(directory, directory[start..], parent);
                node = new TreeNode(directory, key, NodeKind.Directory, "");
                _nodes.Add(directory, node);
            }
            if (node.Kind == NodeKind.Link)
                throw ReleasePath.Refused(ErrorCodes.LinkParent, path, $"\"{OneLine.Of(node.Path)}\" is a link");
            if (node.Kind != NodeKind.Directory)
                throw Conflict(path, node.Path, "said to be empty");
            parent = node;
        }
        return _lastParent = parent;
    }

    /// <summary>Tells whether one of the entries added so far is a file of this path.</summary>
    private bool IsFile(string path)
    {
        var (low, high) = (0, _added);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var entry = _entries[middle];
            var order = ReleasePath.Compare(entry.Path, path);
            if (order == 0)
                return entry.Kind == EntryKind.File;
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }
        return false;
    }

    /// <summary>The path without differences of case and composition; no two paths of a release share one.</summary>
    private string KeyOf(string path, string name, TreeNode parent)
    {
        if (_keys is null)
            return path;
        if (PortableNames.FindProblem(name) is { } why)
            throw ReleasePath.Refused(ErrorCodes.PathNotPortable, path, why);
        var key = KeyOf(name, parent.Key);
        // Digests take a third of the memory of keys.
        return _keys.Add(DigestOf(key))
            ? key
            : throw ReleasePath.Refused(ErrorCodes.PathCollision, path,
                $"\"{OneLine.Of(FindByKey(key))}\" is the same name where case or composition does not count");
    }

    private static string KeyOf(string name, string parentKey)
    {
        var nameKey = UnicodeText.CollisionKey(name);
        return parentKey.Length == 0 ? nameKey : $"{parentKey}/{nameKey}";
    }

    private static Digest DigestOf(string key) => Digest.Of(MemoryMarshal.AsBytes(key.AsSpan()));

    /// <summary>The path, added already, that has a key.</summary>
    private string FindByKey(string key)
    {
        foreach (var node in _nodes.Values)
        {
            if (node.Key == key)
                return node.Path;
        }
        for (var i = 0; i < _added; i++)
        {
            var path = _entries[i].Path;
            var slash = path.LastIndexOf('/');
            if (KeyOf(path[(slash + 1)..], _nodes[path[..Math.Max(0, slash)]].Key) == key)
                return path;
        }
        return key;
    }

    private static ManifestInvalidException Conflict(string path, string other, string what) =>
        ReleasePath.Refused(ErrorCodes.PathConflict, path, $"\"{OneLine.Of(other)}\" is {what}");
}

/// <summary>The kind of a node in a release's tree.</summary>
internal enum NodeKind
{
    /// <summary>Implied by what is below it.</summary>
    Directory,
    EmptyDirectory,
    File,
    Link,
}

/// <summary>A node of a release's tree.</summary>
/// <param name="Path">From the release's root.</param>
/// <param name="Key">What the path is where case and composition do not count.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">A link's target, else empty.</param>
internal sealed record TreeNode(string Path, string Key, NodeKind Kind, string Target)
{
    public static readonly TreeNode Root = new("", "", NodeKind.Directory, "");

    /// <summary>True when something can stand, or be looked for, below it.</summary>
    public bool IsDirectory => Kind is NodeKind.Directory or NodeKind.EmptyDirectory;
}
