using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>Where a whole file of wanted content lies.</summary>
/// <param name="Tree">Which of the seed trees, by number.</param>
/// <param name="Path">The path in that tree.</param>
/// <param name="IsExecutable">Its mode there is 0755, else 0644.</param>
internal readonly record struct LocalFile(int Tree, string Path, bool IsExecutable)
{
    /// <summary>In place of a number: the file is made in the tree that is being staged.</summary>
    public const int InStaging = -1;
}

/// <summary>The whole files of installed releases, by content: what need not be put together at all.</summary>
/// <remarks>What a manifest says lies there; whoever takes a file checks its bytes and evicts what is not so.</remarks>
internal sealed class LocalFiles
{
    private readonly Dictionary<Digest, LocalFile> _byContent = [];
    private readonly Dictionary<string, (Digest Content, bool IsExecutable)> _ofCurrent = new(StringComparer.Ordinal);
    private int _current;

    /// <summary>Notes the files of one release; the first release noted wins.</summary>
    /// <param name="tree">Its number among the seed trees.</param>
    /// <param name="isCurrent">It is the release that is current.</param>
    /// <param name="entries">Its entries.</param>
    /// <param name="wanted">The contents worth noting.</param>
    public void Add(int tree, bool isCurrent, IEnumerable<Entry> entries, IReadOnlySet<Digest> wanted)
    {
        if (isCurrent)
            _current = tree;
        foreach (var entry in entries)
        {
            var content = ReleaseContents.ContentOf(entry);
            if (content.IsZero || !wanted.Contains(content))
                continue;
            _byContent.TryAdd(content, new LocalFile(tree, entry.Path, entry.Executable));
            if (isCurrent)
                _ofCurrent[entry.Path] = (content, entry.Executable);
        }
    }

    /// <summary>Notes one file that was verified; the first noted wins.</summary>
    /// <param name="content">The digest of the file.</param>
    /// <param name="file">Where it lies.</param>
    public void Add(Digest content, LocalFile file) => _byContent.TryAdd(content, file);

    /// <summary>Whether a whole file of this content is known.</summary>
    /// <param name="content">The digest of the file.</param>
    public bool Contains(Digest content) => _byContent.ContainsKey(content);

    /// <summary>Whether the current release holds this content under this very path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="content">The digest of the file.</param>
    public bool IsKept(string path, Digest content) =>
        _ofCurrent.TryGetValue(path, out var held) && held.Content == content;

    /// <summary>Finds a file of this content, the same path in the current release before any other.</summary>
    /// <param name="path">The path that is wanted.</param>
    /// <param name="content">The digest of the file.</param>
    /// <param name="file">Where it lies.</param>
    public bool TryFind(string path, Digest content, [MaybeNullWhen(false)] out LocalFile file)
    {
        if (!_byContent.TryGetValue(content, out file))
            return false;
        if (IsKept(path, content))
            file = new LocalFile(_current, path, _ofCurrent[path].IsExecutable);
        return true;
    }
}
