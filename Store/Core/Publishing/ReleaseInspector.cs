using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Checks before a commit that the store has everything that a manifest names.</summary>
/// <remarks>
/// For one manifest. Recipes and chunk locations are looked up in batches; what stays in memory is one reference for
/// each distinct chunk and file.
/// </remarks>
/// <param name="objects">The store of recipes.</param>
/// <param name="index">Knows which chunks are stored.</param>
internal sealed class ReleaseInspector(IObjectReader objects, IChunkIndex index)
{
    private const int BatchChunks = 8192;
    private const int BatchFiles = 1024;

    private readonly Dictionary<Digest, KnownFile> _files = [];
    private readonly Dictionary<Digest, long> _chunksOfRecipe = [];
    private readonly Dictionary<Digest, ChunkRef> _chunks = [];
    private readonly List<(ChunkRef Chunk, string Path)> _unchecked = [];
    private long _logicalBytes, _fileCount, _chunkCount;

    /// <summary>Inspects every file of a release.</summary>
    /// <param name="manifest">The release's manifest.</param>
    /// <param name="envelopeBytes">The length of its stored object.</param>
    /// <returns>The release, of which the store has every part but the manifest.</returns>
    /// <exception cref="ChunkOtaException">
    /// RELEASE_INCOMPLETE: names the first file that lacks something; MANIFEST_INVALID, DIGEST_MISMATCH: a recipe does
    /// not produce its file.
    /// </exception>
    public async Task<NewRelease> InspectAsync(
        VerifiedManifest manifest, long envelopeBytes, CancellationToken cancellationToken)
    {
        foreach (var files in manifest.Entries.Where(entry => entry.Kind == EntryKind.File).Chunk(BatchFiles))
        {
            var recipes = files.Select(entry => entry.RecipeDigest()).OfType<Digest>().Distinct().ToList();
            var lengths = await index.FindRecipeBytesAsync(recipes, cancellationToken).ConfigureAwait(false);
            var bytesOf = recipes.Zip(lengths).ToDictionary(pair => pair.First, pair => pair.Second);
            foreach (var entry in files)
            {
                var recipeBytes = entry.RecipeDigest() is { } recipe ? bytesOf[recipe] : 0;
                await InspectFileAsync(entry, recipeBytes, manifest.Cut, cancellationToken).ConfigureAwait(false);
            }
        }

        await CheckChunksAsync(cancellationToken).ConfigureAwait(false);
        return new NewRelease
        {
            Product = manifest.Head.Product,
            Platform = manifest.Head.Platform,
            Version = manifest.Head.Version,
            Build = manifest.Head.Build,
            Counter = manifest.Head.Counter,
            Manifest = manifest.Digest,
            ManifestPayloadBytes = manifest.PayloadBytes,
            ManifestEnvelopeBytes = envelopeBytes,
            Published = DateTimeOffset.FromUnixTimeSeconds(manifest.Head.PublishedUnixSeconds),
            LogicalBytes = _logicalBytes,
            FileCount = _fileCount,
            ChunkCount = _chunkCount,
            Files = _files.Values,
            Chunks = _chunks.Values,
        };
    }

    private async ValueTask InspectFileAsync(
        Entry entry, int recipeBytes, CutParameters cut, CancellationToken cancellationToken)
    {
        _fileCount++;
        _logicalBytes += checked((long)entry.Size);
        if (entry.FileDigest() is not { } digest) return;

        if (entry.SingleChunk() is { } only)
        {
            _chunkCount++;
            Note(only, entry.Path);
        }
        else
        {
            _chunkCount += await InspectRecipeAsync(entry, recipeBytes, cut, cancellationToken).ConfigureAwait(false);
        }

        _files.TryAdd(digest, new KnownFile(digest, (long)entry.Size, entry.RecipeDigest()));
        if (_unchecked.Count >= BatchChunks) await CheckChunksAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The number of chunks of the file.</returns>
    private async ValueTask<long> InspectRecipeAsync(
        Entry entry, int recipeBytes, CutParameters cut, CancellationToken cancellationToken)
    {
        var name = entry.RecipeDigest()!.Value;
        if (_chunksOfRecipe.TryGetValue(name, out var known) && _files.ContainsKey(entry.FileDigest()!.Value))
            return known;
        if (recipeBytes == 0)
            throw new ChunkOtaException(ErrorCodes.ReleaseIncomplete, $"{entry.Path}: its recipe {name} was not sent");

        var bytes = new byte[recipeBytes];
        await objects.ReadAsync(ObjectName.Recipe(name), 0, bytes, cancellationToken).ConfigureAwait(false);
        var recipe = Recipe.Parse(bytes, name, entry.Size, cut);
        foreach (var chunk in recipe.Chunks) Note(chunk, entry.Path);
        _chunksOfRecipe[name] = recipe.Chunks.Count;
        return recipe.Chunks.Count;
    }

    private void Note(ChunkRef chunk, string path)
    {
        if (_chunks.TryAdd(chunk.Hash, chunk))
            _unchecked.Add((chunk, path));
        else if (_chunks[chunk.Hash].Length != chunk.Length)
            throw Incomplete(chunk, path);
    }

    private async ValueTask CheckChunksAsync(CancellationToken cancellationToken)
    {
        if (_unchecked.Count == 0) return;

        var locations = new ChunkLocation[_unchecked.Count];
        var hashes = _unchecked.ConvertAll(item => item.Chunk.Hash).ToArray();
        await index.FindAsync(hashes, locations, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < locations.Length; i++)
        {
            if (locations[i].Length != _unchecked[i].Chunk.Length)
                throw Incomplete(
                    _unchecked[i].Chunk, _unchecked[i].Path);
        }

        _unchecked.Clear();
    }

    private static ChunkOtaException Incomplete(ChunkRef chunk, string path) =>
        new(ErrorCodes.ReleaseIncomplete, $"{path}: its chunk {chunk.Hash} of {chunk.Length} bytes was not sent");
}
