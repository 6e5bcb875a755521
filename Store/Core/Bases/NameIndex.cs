namespace ChunkOta.Storage;

/// <summary>Finds old files by what their names have in common with a new one's. Pure.</summary>
internal sealed class NameIndex
{
    /// <summary>The most files of like name that are compared: those of the nearest size.</summary>
    private const int MaxLooked = 64;

    private readonly ReleaseListing _from;
    private readonly ReleaseListing _to;
    private readonly DirectoryRenames _renames;
    private readonly Dictionary<string, ReleaseFile[]> _byStablePattern;
    private readonly Dictionary<string, ReleaseFile[]> _byPattern;
    private readonly Dictionary<string, ReleaseFile[]> _byName;
    private readonly Dictionary<string, ReleaseFile[]> _goneByKind;

    public NameIndex(ReleaseListing from, ReleaseListing to)
    {
        (_from, _to) = (from, to);
        _renames = DirectoryRenames.Find(from, to);
        _byStablePattern = GroupBy(from.Files, file => NamePattern.Of(file.Path, withoutNumbers: false));
        _byPattern = GroupBy(from.Files, file => NamePattern.Of(file.Path, withoutNumbers: true));
        _byName = GroupBy(from.Files, file => NameOf(file.Path));
        _goneByKind = GroupBy(from.Files.Where(IsGone), file => KindOf(file.Path));
    }

    /// <summary>The file that the new one's name speaks of: where its directory was before, or a name that differs in
    /// hashes, then also in versions.</summary>
    public ReleaseFile? FindNamesake(ReleaseFile file) =>
        (_renames.FindOld(file.Path) is { } old ? _from.Find(old) : null)
        ?? FindNearest(
            _byStablePattern, NamePattern.Of(file.Path, withoutNumbers: false), file, double.PositiveInfinity)
        ?? FindNearest(_byPattern, NamePattern.Of(file.Path, withoutNumbers: true), file, double.PositiveInfinity);

    /// <summary>A file of the same name in another directory, or one of the same directory and extension that is gone;
    /// of like size.</summary>
    /// <param name="file">The new file.</param>
    /// <param name="maxFactor">By how much the sizes may differ.</param>
    public ReleaseFile? FindLikely(ReleaseFile file, double maxFactor) =>
        FindNearest(_byName, NameOf(file.Path), file, maxFactor)
        ?? FindNearest(_goneByKind, KindOf(file.Path), file, maxFactor);

    private bool IsGone(ReleaseFile file) => _to.Find(file.Path) is null;

    private ReleaseFile? FindNearest(
        Dictionary<string, ReleaseFile[]> groups, string key, ReleaseFile file, double maxFactor)
    {
        if (!groups.TryGetValue(key, out var group)) return null;
        var found = Array.BinarySearch(group, file, BySize.Instance);
        var middle = found < 0 ? ~found : found;
        var first = Math.Clamp(middle - (MaxLooked / 2), 0, Math.Max(0, group.Length - MaxLooked));
        return group.Skip(first).Take(MaxLooked)
            .Where(candidate => Factor(candidate, file) <= maxFactor)
            .MinBy(candidate => (
                !IsGone(candidate),
                -DirectoryRenames.CommonTail(candidate.Path, file.Path) - CommonHead(candidate.Path, file.Path),
                Factor(candidate, file),
                candidate.Entry));
    }

    private static double Factor(ReleaseFile one, ReleaseFile other) =>
        (double)Math.Max(one.Size, other.Size) / Math.Min(one.Size, other.Size);

    private static int CommonHead(string one, string other) => one.AsSpan().CommonPrefixLength(other);

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string KindOf(string path) =>
        string.Concat(path.AsSpan(0, path.LastIndexOf('/') + 1), "*", Path.GetExtension(path));

    private static Dictionary<string, ReleaseFile[]> GroupBy(
        IEnumerable<ReleaseFile> files, Func<ReleaseFile, string> key) =>
        files.GroupBy(key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Order(BySize.Instance).ToArray(), StringComparer.Ordinal);

    private sealed class BySize : IComparer<ReleaseFile>
    {
        public static BySize Instance { get; } = new();

        public int Compare(ReleaseFile? x, ReleaseFile? y) =>
            (x!.Size, x.Entry).CompareTo((y!.Size, y.Entry));
    }
}
