using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>Where a whole file of wanted content lies.</summary>
/// <param name="Tree">Which of the seed trees, by number.</param>
/// <param name="Entry">Its number among the entries of the release in that tree.</param>
/// <param name="IsExecutable">Its mode there is 0755, else 0644.</param>
internal readonly record struct LocalFile(int Tree, int Entry, bool IsExecutable)
{
    /// <summary>In place of a number: the file is made in the tree that is being staged.</summary>
    public const int InStaging = -1;
}

/// <summary>The whole files of installed releases that a release wants: what need not be put together at all.</summary>
/// <remarks>What a manifest says lies there; whoever takes a file checks its bytes. Most files stay as they are, and
/// of those nothing is noted but a number.</remarks>
internal sealed class LocalFiles
{
    private readonly (int Tree, WantedRelease Contents)? _current;
    private readonly int[] _kept;
    private readonly HashSet<Digest> _wanted = [];
    private readonly Dictionary<Digest, LocalFile> _byContent = [];

    /// <summary>Compares the release to install with the one that is current.</summary>
    /// <param name="target">The release to install.</param>
    /// <param name="current">What is current, and the number of its tree; null: nothing is, or it is not known.</param>
    public LocalFiles(WantedRelease target, (int Tree, WantedRelease Contents)? current)
    {
        _current = current;
        _kept = target.SameIn(current?.Contents);
        for (var i = 0; i < _kept.Length; i++)
        {
            if (_kept[i] < 0 && WantedRelease.ContentOf(target.Entries[i]) is { IsZero: false } content)
                _wanted.Add(content);
        }
        HasKept = Array.Exists(_kept, entry => entry >= 0);
    }

    /// <summary>Whether any file of the current release is kept.</summary>
    public bool HasKept { get; }

    /// <summary>Notes the files of one release; the first release noted wins.</summary>
    /// <param name="tree">Its number among the seed trees.</param>
    /// <param name="contents">What it holds.</param>
    /// <returns>Whether there was anything to note.</returns>
    public bool Add(int tree, WantedRelease contents)
    {
        var isAny = false;
        for (var i = 0; i < contents.Entries.Count && _wanted.Count > 0; i++)
        {
            var entry = contents.Entries[i];
            var content = WantedRelease.ContentOf(entry);
            if (_wanted.Contains(content))
                isAny |= _byContent.TryAdd(content, new LocalFile(tree, i, entry.Executable));
        }
        return isAny;
    }

    /// <summary>Notes one file that was verified; the first noted wins.</summary>
    /// <param name="content">The digest of the file.</param>
    /// <param name="file">Where it lies.</param>
    public void Add(Digest content, LocalFile file) => _byContent.TryAdd(content, file);

    /// <summary>Whether a file of this content is wanted that no release noted so far has.</summary>
    /// <param name="content">The digest of the file.</param>
    public bool IsLacking(Digest content) => _wanted.Contains(content) && !_byContent.ContainsKey(content);

    /// <summary>Whether the current release holds an entry's content under its very path.</summary>
    /// <param name="entry">The entry's number in the release to install.</param>
    public bool IsKept(int entry) => _kept[entry] >= 0;

    /// <summary>Finds a file of an entry's content, the same path in the current release before any other.</summary>
    /// <param name="entry">The entry's number in the release to install.</param>
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
