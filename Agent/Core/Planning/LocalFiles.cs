using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A whole file of wanted content on this disk.</summary>
/// <param name="Tree">The index of the seed tree.</param>
/// <param name="Entry">The index of its entry in the release of that tree.</param>
/// <param name="IsExecutable">Its mode there is 0755, else 0644.</param>
internal readonly record struct LocalFile(int Tree, int Entry, bool IsExecutable)
{
    /// <summary>Instead of a tree's index: the file is made in the tree that is being written.</summary>
    public const int InStaging = -1;
}

/// <summary>The whole files of installed releases that a release wants: they need not be put together at all.</summary>
/// <remarks>Taken from manifests; whoever copies a file verifies its bytes. Most files stay as they are,
/// and of those only an index is kept.</remarks>
internal sealed class LocalFiles
{
    private readonly (int Tree, ReleaseContents Contents)? _current;
    private readonly int[] _kept;
    private readonly HashSet<Digest> _wanted = [];
    private readonly Dictionary<Digest, LocalFile> _byContent = [];

    /// <summary>Compares the release to install with the one that is current.</summary>
    /// <param name="release">The release to install.</param>
    /// <param name="current">The current release and the index of its tree; null when none is current or known.</param>
    public LocalFiles(ReleaseContents release, (int Tree, ReleaseContents Contents)? current)
    {
        _current = current;
        _kept = release.SameIn(current?.Contents);
        for (var i = 0; i < _kept.Length; i++)
        {
            if (_kept[i] < 0 && ReleaseContents.ContentOf(release.Entries[i]) is { IsZero: false } content)
                _wanted.Add(content);
        }
        HasKept = Array.Exists(_kept, entry => entry >= 0);
    }

    /// <summary>True when any file of the current release is kept.</summary>
    public bool HasKept { get; }

    /// <summary>Adds the files of one release; of files with the same content, the first one added stays.</summary>
    /// <param name="tree">The index of its seed tree.</param>
    /// <param name="contents">The release.</param>
    /// <returns>False when there was nothing to add.</returns>
    public bool Add(int tree, ReleaseContents contents)
    {
        var isAny = false;
        for (var i = 0; i < contents.Entries.Count && _wanted.Count > 0; i++)
        {
            var entry = contents.Entries[i];
            var content = ReleaseContents.ContentOf(entry);
            if (_wanted.Contains(content))
                isAny |= _byContent.TryAdd(content, new LocalFile(tree, i, entry.Executable));
        }
        return isAny;
    }

    /// <summary>Adds one file that was verified; of files with the same content, the first one added stays.</summary>
    /// <param name="content">The digest of the file.</param>
    /// <param name="file">Where it lies.</param>
    public void Add(Digest content, LocalFile file) => _byContent.TryAdd(content, file);

    /// <summary>Tells whether a file of this content is wanted and not yet found.</summary>
    /// <param name="content">The digest of the file.</param>
    public bool IsLacking(Digest content) => _wanted.Contains(content) && !_byContent.ContainsKey(content);

    /// <summary>Tells whether the current release holds an entry's content under the same path.</summary>
    /// <param name="entry">The index of the entry in the release to install.</param>
    public bool IsKept(int entry) => _kept[entry] >= 0;

    /// <summary>Finds a file of an entry's content, the same path in the current release before any other.</summary>
    /// <param name="entry">The index of the entry in the release to install.</param>
    /// <param name="content">The digest of the file.</param>
    /// <param name="file">Where it lies.</param>
    public bool TryFind(int entry, Digest content, [MaybeNullWhen(false)] out LocalFile file)
    {
        if (_current is not var (tree, contents) || !IsKept(entry))
            return _byContent.TryGetValue(content, out file);
        file = new LocalFile(tree, _kept[entry], contents.Entries[_kept[entry]].Executable);
        return true;
    }
}
