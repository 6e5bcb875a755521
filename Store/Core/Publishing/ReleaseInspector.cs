using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Walks a manifest that is to be committed and makes sure that the store has everything it names.</summary>
/// <remarks>
/// For one manifest. Recipes and chunk locations are looked up in batches; what stays in memory is one reference for
/// each distinct chunk and file.
/// </remarks>
/// <param name="objects">Where the recipes lie.</param>
/// <param name="index">Says which chunks there are.</param>
internal sealed class ReleaseInspector(IObjectReader objects, IChunkIndex index)
{
    private const int BatchChunks = 8192;
    private const int BatchFiles = 1024;

    private readonly Dictionary<Digest, KnownFile> _files = [];
    private readonly Dictionary<Digest, long> _chunksOfRecipe = [];
    private readonly Dictionary<Digest, ChunkRef> _chunks = [];
    private readonly List<(ChunkRef Chunk, string Path)> _unchecked = [];
    private long _logicalBytes, _fileCount, _chunkCount;

    /// <summary>Looks at every file.</summary>
    /// <param name="manifest">Verified, and in keeping with the rules of manifests.</param>
    /// <param name="cut">Its cut parameters.</param>
    /// <exception cref="ChunkOtaException">
    /// RELEASE_INCOMPLETE: names the first file that lacks something; MANIFEST_INVALID, DIGEST_MISMATCH: a recipe does
    /// not make its file.
    /// </exception>
    public async Task<CompleteRelease> InspectAsync(
        Manifest manifest, CutParameters cut, CancellationToken cancellationToken)
    {
        foreach (var files in manifest.Entries.Where(entry => entry.Kind == EntryKind.File).Chunk(BatchFiles))
        {
            var recipes = files.Select(entry => entry.RecipeDigest()).OfType<Digest>().Distinct().ToList();
            var lengths = await index.FindRecipeBytesAsync(recipes, cancellationToken).ConfigureAwait(false);
            var bytesOf = recipes.Zip(lengths).ToDictionary(pair => pair.First, pair => pair.Second);
            foreach (var entry in files)
            {
                var recipeBytes = entry.RecipeDigest() is { } recipe ? bytesOf[recipe] : 0;
                await InspectFileAsync(entry, recipeBytes, cut, cancellationToken).ConfigureAwait(false);
            }
        }

        await CheckChunksAsync(cancellationToken).ConfigureAwait(false);
        return new CompleteRelease(_logicalBytes, _fileCount, _chunkCount, _files.Values, _chunks.Values);
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

    /// <returns>How many chunks the file has.</returns>
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
