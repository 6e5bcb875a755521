using System.Text;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>Decides what of a tree is not published: by <c>--exclude</c> and by the <c>.otaignore</c> files in
/// it.</summary>
/// <remarks>
/// The rules are those of gitignore: the last pattern that matches decides, deeper files before higher ones, and
/// <c>--exclude</c> before all of them. Nothing in an excluded directory can be included again. For one scan, which
/// comes to each directory before what is in it.
/// </remarks>
internal sealed class IgnoreRules(IReadOnlyList<string> excludes)
{
    /// <summary>The ignore file of a directory; it is never published.</summary>
    public const string FileName = ".otaignore";

    private const int MaxFileBytes = 1024 * 1024;

    private readonly PathPattern[] _excludes = [.. excludes.Select(PathPattern.Parse)];
    private readonly Stack<(string Folder, PathPattern[] Patterns)> _files = new();

    /// <summary>The entries that were left out; a directory counts once, whatever is in it.</summary>
    public int Excluded { get; private set; }

    /// <summary>Reads the ignore file of the tree's root.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: an ignore file is not a text file.</exception>
    public void Begin(DirectoryTree tree) => Enter(tree, "");

    /// <summary>Tells whether an entry is left out; for a directory that is not, reads its ignore file.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: an ignore file is not a text file.</exception>
    public bool Skips(DirectoryTree tree, TreeEntry entry)
    {
        while (_files.TryPeek(out var file) && !IsIn(entry.Path, file.Folder))
            _files.Pop();
        if (Path.GetFileName(entry.Path) == FileName)
            return true;
        var isFolder = entry.Status.Kind == FileKind.Directory;
        if (IsIgnored(entry.Path, isFolder))
        {
            Excluded++;
            return true;
        }

        if (isFolder)
            Enter(tree, entry.Path);
        return false;
    }

    private bool IsIgnored(string path, bool isFolder)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        var decision = Decide(_excludes, bytes, isFolder);
        // The stack lists its last file, which is the deepest, first.
        foreach (var (folder, patterns) in _files)
        {
            if (decision is not null)
                break;
            var start = folder.Length == 0 ? 0 : Encoding.UTF8.GetByteCount(folder) + 1;
            decision = Decide(patterns, bytes.AsSpan(start), isFolder);
        }

        return decision ?? false;
    }

    private static bool? Decide(PathPattern[] patterns, ReadOnlySpan<byte> path, bool isFolder)
    {
        for (var i = patterns.Length - 1; i >= 0; i--)
        {
            if (patterns[i].Matches(path, isFolder))
                return !patterns[i].IsNegated;
        }

        return null;
    }

    private void Enter(DirectoryTree tree, string folder)
    {
        var path = folder.Length == 0 ? FileName : $"{folder}/{FileName}";
        if (tree.Find(path) is not { } entry)
            return;
        using var file = entry.Status.Kind == FileKind.File ? tree.TryOpenOrdinary(path) : null;
        if (file is null || file.Length > MaxFileBytes)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"the ignore file is not an ordinary file of at most 1 MB: '{path}': replace it");
        }

        var bytes = new byte[file.Length];
        var text = PlainText.Read(bytes.AsSpan(0, file.ReadAt(0, bytes)), path);
        PathPattern[] patterns = [.. text.Split('\n').Select(PathPattern.ParseLine).OfType<PathPattern>()];
        if (patterns.Length > 0)
            _files.Push((folder, patterns));
    }

    private static bool IsIn(string path, string folder) =>
        folder.Length == 0
        || (path.Length > folder.Length && path[folder.Length] == '/'
            && path.StartsWith(folder, StringComparison.Ordinal));
}
