using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Perf;

/// <summary>A folder, or one file, as the release that it would be published as.</summary>
internal sealed class TreeFiles
{
    private static readonly EnumerationOptions AllFiles =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly string _root;
    private readonly bool _isFolder;

    public TreeFiles(string path)
    {
        (_root, _isFolder) = (path, Directory.Exists(path));
        var paths = _isFolder
            ? Directory.EnumerateFiles(path, "*", AllFiles)
                .Select(file => Path.GetRelativePath(path, file))
                .Order(Comparer<string>.Create(ReleasePath.Compare)).ToArray()
            : [Path.GetFileName(path)];
        var sizes = paths.Select(file => new FileInfo(Find(file)).Length).ToArray();
        var files = paths.Select((file, entry) => (file, entry)).Where(file => sizes[file.entry] > 0)
            .Select(file => new ReleaseFile(
                (uint)file.entry, file.file, sizes[file.entry], HashOf(Find(file.file)), null));
        Listing = new ReleaseListing(CutParameters.Default, [.. files], sizes);
    }

    /// <summary>Its files; they have no recipes.</summary>
    public ReleaseListing Listing { get; }

    /// <summary>Opens a file, or its first bytes.</summary>
    public FileBytes Open(ReleaseFile file, long most = long.MaxValue) => new(Find(file.Path), most);

    /// <summary>The changed files with the bases that the server would choose.</summary>
    public static async Task<IReadOnlyList<PairedFile>> PairAsync(TreeFiles from, TreeFiles to)
    {
        var changed = BaseChoice.FindChanged(from.Listing, to.Listing);
        if (!from._isFolder && !to._isFolder)
            return [.. changed.Select(file => new PairedFile(file, from.Listing.Files is [var old, ..] ? old : null))];

        var shared = new Dictionary<uint, (uint, long)>();
        var strange = BaseChoice.FindStrange(from.Listing, changed).ToList();
        if (strange.Count > 0)
        {
            var overlap = new ChunkOverlap();
            foreach (var file in from.Listing.Files) overlap.Add(file.Entry, await from.CutAsync(file));
            foreach (var file in strange)
                if (overlap.FindMost(await to.CutAsync(file)) is { } most) shared[file.Entry] = most;
        }

        return BaseChoice.Choose(
            from.Listing, to.Listing, changed, file => shared.TryGetValue(file.Entry, out var most) ? most : null);
    }

    private string Find(string path) => _isFolder ? Path.Combine(_root, path) : _root;

    private async Task<List<ChunkRef>> CutAsync(ReleaseFile file)
    {
        var chunks = new List<ChunkRef>();
        await using var source = File.OpenRead(Find(file.Path));
        using var reader = new ChunkReader(source, CutParameters.Default);
        while (await reader.ReadAsync(CancellationToken.None) is { Length: > 0 } chunk)
            chunks.Add(new ChunkRef(Blake3.Hash(chunk.Span), chunk.Length));
        return chunks;
    }

    private static Digest HashOf(string path)
    {
        using var source = File.OpenRead(path);
        var hasher = new Blake3Hasher();
        var buffer = new byte[256 << 10];
        for (int read; (read = source.Read(buffer)) > 0;) hasher.Append(buffer.AsSpan(0, read));
        return hasher.Finish();
    }
}
