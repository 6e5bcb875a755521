using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The wanted files and chunks that are on this disk already.</summary>
/// <remarks>
/// For planning, the manifest and recipes of an installed release are enough. The files of an interrupted run may be
/// anything and are read. Every byte is verified again when it is used. Not safe for concurrent use.
/// </remarks>
internal sealed class LocalSources : IDisposable
{
    private const int OpenFilesLimit = 32;

    private readonly IReadOnlyList<SeedTree> _seeds;
    private readonly ReleaseContents?[] _contents;
    private readonly FileHash _hash;
    private readonly OpenFiles<(int Tree, string Path)> _open = new(OpenFilesLimit);

    /// <summary>Finds the whole files.</summary>
    /// <param name="seeds">The trees; from now on this object's to dispose of.</param>
    /// <param name="release">The release to install.</param>
    /// <param name="hash">Hashes and buffers; the caller's.</param>
    public LocalSources(IReadOnlyList<SeedTree> seeds, ReleaseContents release, FileHash hash)
    {
        _seeds = seeds;
        _hash = hash;
        _contents = new ReleaseContents?[seeds.Count];
        var current = FindCurrent();
        Files = new LocalFiles(release, current);
        if (current is var (number, held) && Files.HasKept)
            _contents[number] = held;
        // Installed releases first: the files of an interrupted run have to be read.
        foreach (var isComplete in (ReadOnlySpan<bool>)[true, false])
        {
            for (var tree = 0; tree < seeds.Count; tree++)
            {
                if (seeds[tree].IsComplete != isComplete || ContentsOf(tree) is not { } contents)
                    continue;
                if (isComplete ? Files.Add(tree, contents) : AddStagedFiles(tree, contents))
                    _contents[tree] = contents;
            }
        }
    }

    /// <summary>The wanted whole files.</summary>
    public LocalFiles Files { get; }

    /// <summary>The wanted chunks, after <see cref="FindChunksAsync"/>.</summary>
    public LocalChunks Chunks { get; } = new();

    /// <summary>The recipes of all trees.</summary>
    public IEnumerable<RecipeBundle> Recipes => _seeds.Select(seed => seed.Recipes);

    /// <summary>Finds missing chunks: by recipes, and where those are lost by cutting the files again.</summary>
    /// <param name="demand">The chunks that are missing.</param>
    /// <param name="cut">The parameters that the release to install was cut with.</param>
    public async Task FindChunksAsync(
        ChunkDemand demand, CutParameters cut, CancellationToken cancellationToken)
    {
        if (demand.MissingChunks == 0)
            return;
        for (var tree = 0; tree < _seeds.Count; tree++)
        {
            var seed = _seeds[tree];
            if (ContentsOf(tree) is not { } contents)
            {
                foreach (var path in seed.Files.ListPaths())
                    await RecutAsync(tree, path, cut, demand, cancellationToken).ConfigureAwait(false);
                continue;
            }
            foreach (var entry in contents.Entries.Where(entry => !entry.Digest.IsEmpty))
            {
                if (!seed.Recipes.TryFind(entry, contents.Cut, out var chunks))
                    await RecutAsync(tree, entry.Path, cut, demand, cancellationToken).ConfigureAwait(false);
                else if (seed.IsComplete)
                    Chunks.AddFile(tree, entry.Path, chunks, demand);
                else
                    AddStagedChunks(tree, entry.Path, chunks, demand);
            }
        }
    }

    /// <summary>Finds an installed release.</summary>
    /// <param name="manifest">The digest of its manifest.</param>
    /// <returns>The index of its tree, and its contents; null when it is not complete on this disk.</returns>
    public (int Tree, ReleaseContents Contents)? FindRelease(Digest manifest)
    {
        for (var tree = 0; tree < _seeds.Count; tree++)
        {
            if (_seeds[tree].IsComplete && _seeds[tree].Manifest == manifest
                && ContentsOf(tree) is { } contents)
            {
                return (tree, contents);
            }
        }
        return null;
    }

    /// <summary>Opens a whole file to copy.</summary>
    /// <param name="file">From <see cref="Files"/>.</param>
    /// <returns>Null when it is not there or cannot be read; valid until the next call of this object.</returns>
    public DurableFile? TryOpen(LocalFile file) => TryOpen(file.Tree, PathOf(file));

    /// <summary>Returns the path of a whole file in its tree.</summary>
    /// <param name="file">From <see cref="Files"/>.</param>
    public string PathOf(LocalFile file) => _contents[file.Tree]!.Entries[file.Entry].Path;

    /// <summary>Opens a file of a tree.</summary>
    /// <param name="tree">The index of the tree.</param>
    /// <param name="path">The file's path in it.</param>
    /// <returns>Null when it is not there or cannot be read; valid until the next call of this object.</returns>
    public DurableFile? TryOpen(int tree, string path)
    {
        if (_open.TryFind((tree, path), out var open))
            return open;
        return _seeds[tree].Files.TryOpen(path) is { } file ? _open.Add((tree, path), file) : null;
    }

    /// <summary>Returns the directory tree of a whole file; null when it lies in a slot.</summary>
    /// <param name="file">From <see cref="Files"/>.</param>
    public DirectoryTree? TreeOf(LocalFile file) => _seeds[file.Tree].Files.Tree;

    /// <summary>Reads a chunk from this disk.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="content">Its verified bytes, valid until the next call of this object.</param>
    /// <returns>False when it is not where it should be: it is not looked for there again.</returns>
    public bool TryRead(ChunkRef chunk, out VerifiedChunk content)
    {
        content = default;
        if (!Chunks.TryFind(chunk.Hash, out var local))
            return false;
        if (TryOpen(local.Tree, local.Path) is { } file && TryReadChunk(file, local.Offset, chunk, out content))
            return true;
        Chunks.Evict(chunk.Hash);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _open.Dispose();
        foreach (var seed in _seeds)
            seed.Dispose();
    }

    /// <summary>The contents of a tree. Kept only where whole files of it are wanted: they may be large.</summary>
    private ReleaseContents? ContentsOf(int tree) => _contents[tree] ?? _seeds[tree].ReadContents();

    private (int Tree, ReleaseContents Contents)? FindCurrent()
    {
        for (var tree = 0; tree < _seeds.Count; tree++)
        {
            if (_seeds[tree] is { IsComplete: true, IsCurrent: true } seed && seed.ReadContents() is { } contents)
                return (tree, contents);
        }
        return null;
    }

    private bool AddStagedFiles(int tree, ReleaseContents contents)
    {
        var isAny = false;
        for (var i = 0; i < contents.Entries.Count; i++)
        {
            var entry = contents.Entries[i];
            var content = ReleaseContents.ContentOf(entry);
            if (!Files.IsLacking(content) || TryOpen(tree, entry.Path) is not { } file
                || TryHash(file, (long)entry.Size) != content)
            {
                continue;
            }
            Files.Add(content, new LocalFile(tree, i, entry.Executable));
            isAny = true;
        }
        return isAny;
    }

    private void AddStagedChunks(int tree, string path, IReadOnlyList<ChunkRef> chunks, ChunkDemand demand)
    {
        long offset = 0;
        foreach (var chunk in chunks)
        {
            if (demand.IsMissing(chunk.Hash) && !Chunks.Contains(chunk.Hash)
                && TryOpen(tree, path) is { } file && TryReadChunk(file, offset, chunk, out _))
            {
                Chunks.Add(chunk.Hash, new LocalChunk(tree, path, offset, chunk.Length));
            }
            offset += chunk.Length;
        }
    }

    private async Task RecutAsync(
        int tree, string path, CutParameters cut, ChunkDemand demand, CancellationToken cancellationToken)
    {
        if (TryOpen(tree, path) is not { } file)
            return;
        try
        {
            using var stream = file.OpenStream();
            using var reader = new ChunkReader(stream, cut);
            for (long offset = 0; ;)
            {
                var chunk = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (chunk.IsEmpty)
                    return;
                var hash = Digest.Of(chunk.Span);
                if (demand.IsMissing(hash))
                    Chunks.Add(hash, new LocalChunk(tree, path, offset, chunk.Length));
                offset += chunk.Length;
            }
        }
        catch (FileSystemException)
        {
            // A file that cannot be read to its end is a source only as far as it was read.
            _open.Close((tree, path));
        }
    }

    private bool TryReadChunk(DurableFile file, long offset, ChunkRef chunk, out VerifiedChunk content)
    {
        try
        {
            return _hash.TryReadChunk(file, offset, chunk, out content);
        }
        catch (FileSystemException)
        {
            content = default;
            return false;
        }
    }

    private Digest? TryHash(DurableFile file, long sizeBytes)
    {
        try
        {
            return _hash.Of(file, sizeBytes);
        }
        catch (FileSystemException)
        {
            return null;
        }
    }
}
