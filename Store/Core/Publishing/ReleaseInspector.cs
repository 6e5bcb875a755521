using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Checks before a commit that the store can deliver everything that a manifest names.</summary>
/// <remarks>
/// A row is not taken for an object: recipes are read, and packs must be there with their lengths. What is lost is
/// marked, so that it counts as missing and is sent again. For one manifest. Recipes and chunk locations are looked up
/// in batches; what stays in memory is one reference for each distinct chunk and file, and the recipes of a batch.
/// </remarks>
/// <param name="objects">The store of packs and recipes.</param>
/// <param name="catalogue">Knows which chunks are stored.</param>
/// <param name="watch">Marks what is lost.</param>
/// <param name="domain">The domain of the release's product: what others have does not count.</param>
/// <param name="keepAlive">Called again and again, because an inspection may take long.</param>
internal sealed class ReleaseInspector(
    IObjectReader objects, ICatalogue catalogue, DamageWatch watch, DedupDomain domain,
    Func<CancellationToken, Task> keepAlive)
{
    private const int RecipesAtOnce = 8;
    private const int PacksAtOnce = 8;
    private const int BatchChunks = 8192;
    private const int BatchFiles = 1024;

    private readonly Dictionary<Digest, KnownFile> _files = [];
    private readonly Dictionary<Digest, long> _chunksOfRecipe = [];
    private readonly Dictionary<Digest, ChunkRef> _chunks = [];
    private readonly List<(ChunkRef Chunk, string Path)> _unchecked = [];
    private readonly Dictionary<Digest, string> _packs = [];
    private ChunkOtaException? _lacking;
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
            var recipes = await ReadRecipesAsync(files, cancellationToken).ConfigureAwait(false);
            foreach (var entry in files)
                await InspectFileAsync(entry, recipes, manifest.Cut, cancellationToken).ConfigureAwait(false);
            await keepAlive(cancellationToken).ConfigureAwait(false);
        }

        await CheckChunksAsync(cancellationToken).ConfigureAwait(false);
        await CheckPacksAsync(cancellationToken).ConfigureAwait(false);
        await keepAlive(cancellationToken).ConfigureAwait(false);
        if (_lacking is not null) throw _lacking;
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

    /// <summary>Reads the recipes of files that are not known by now, a few at once: in a bucket each read takes a
    /// while.</summary>
    /// <returns>Those that were sent; null for one that is lost, which is marked then.</returns>
    private async Task<IReadOnlyDictionary<Digest, byte[]?>> ReadRecipesAsync(
        Entry[] files, CancellationToken cancellationToken)
    {
        var recipes = files.Where(entry => !IsKnown(entry)).Select(entry => entry.RecipeDigest()).OfType<Digest>()
            .Distinct().ToList();
        var lengths = await catalogue.Chunks.FindRecipeBytesAsync(domain, recipes, cancellationToken)
            .ConfigureAwait(false);
        var read = new ConcurrentDictionary<Digest, byte[]?>();
        await Parallel.ForEachAsync(
            recipes.Zip(lengths).Where(recipe => recipe.Second > 0),
            new ParallelOptions { MaxDegreeOfParallelism = RecipesAtOnce, CancellationToken = cancellationToken },
            async (recipe, cancel) => read[recipe.First] = await FindRecipeAsync(
                recipe.First, recipe.Second, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        return read;
    }

    private async ValueTask InspectFileAsync(
        Entry entry, IReadOnlyDictionary<Digest, byte[]?> recipes, CutParameters cut,
        CancellationToken cancellationToken)
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
            _chunkCount += InspectRecipe(entry, recipes, cut);
        }

        _files.TryAdd(digest, new KnownFile(digest, (long)entry.Size, entry.RecipeDigest()));
        if (_unchecked.Count >= BatchChunks) await CheckChunksAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The number of chunks of the file.</returns>
    private long InspectRecipe(Entry entry, IReadOnlyDictionary<Digest, byte[]?> recipes, CutParameters cut)
    {
        var name = entry.RecipeDigest()!.Value;
        if (IsKnown(entry)) return _chunksOfRecipe[name];
        if (!recipes.TryGetValue(name, out var bytes)) return Lack($"{entry.Path}: its recipe {name} was not sent");
        if (bytes is null) return Lack($"{entry.Path}: the store lost its recipe {name}");

        var recipe = Recipe.Parse(bytes, name, entry.Size, cut);
        foreach (var chunk in recipe.Chunks) Note(chunk, entry.Path);
        _chunksOfRecipe[name] = recipe.Chunks.Count;
        return recipe.Chunks.Count;
    }

    /// <summary>True for a file whose recipe was inspected with another entry of the same content.</summary>
    private bool IsKnown(Entry entry) =>
        entry.RecipeDigest() is { } recipe && _chunksOfRecipe.ContainsKey(recipe)
        && entry.FileDigest() is { } file && _files.ContainsKey(file);

    /// <summary>The bytes of a recipe; null when they are lost, which is marked then.</summary>
    private async ValueTask<byte[]?> FindRecipeAsync(Digest recipe, int length, CancellationToken cancellationToken)
    {
        var name = ObjectName.Recipe(domain, recipe);
        try
        {
            var bytes = new byte[Math.Max(0, length - domain.MaskBytes)];
            await objects.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
            if (Digest.Of(bytes) == recipe) return bytes;
        }
        catch (StoreFailedException failure) when (failure.IsOfOneObject())
        {
            // As if other bytes had come.
        }

        _ = await watch.VerifyAsync(name, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private void Note(ChunkRef chunk, string path)
    {
        if (_chunks.TryAdd(chunk.Hash, chunk))
            _unchecked.Add((chunk, path));
        else if (_chunks[chunk.Hash].Length != chunk.Length)
            _ = Lack(chunk, path);
    }

    private async ValueTask CheckChunksAsync(CancellationToken cancellationToken)
    {
        if (_unchecked.Count == 0) return;

        var locations = new ChunkLocation[_unchecked.Count];
        var hashes = _unchecked.ConvertAll(item => item.Chunk.Hash).ToArray();
        await catalogue.Chunks.FindAsync(domain, hashes, locations, cancellationToken).ConfigureAwait(false);
        var missing = new byte[(hashes.Length + 7) / 8];
        _ = await catalogue.Chunks.FindLackingAsync(domain, hashes, missing, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < locations.Length; i++)
        {
            if (locations[i].Length != _unchecked[i].Chunk.Length || (missing[i / 8] & (1 << (i % 8))) != 0)
                _ = Lack(_unchecked[i].Chunk, _unchecked[i].Path);
            else
                _ = _packs.TryAdd(locations[i].Frame.Pack, _unchecked[i].Path);
        }

        _unchecked.Clear();
    }

    /// <summary>Looks whether the packs are there, a few at once: in a bucket each look takes a while.</summary>
    private Task CheckPacksAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        _packs, new ParallelOptions { MaxDegreeOfParallelism = PacksAtOnce, CancellationToken = cancellationToken },
        async (pack, cancel) =>
        {
            var name = ObjectName.Pack(pack.Key);
            var listed = await catalogue.Damage.FindObjectAsync(name, cancel).ConfigureAwait(false);
            var length = await objects.FindLengthAsync(name, cancel).ConfigureAwait(false);
            if (length is not null && length == listed?.Bytes) return;
            // Null: a collection has just moved all its chunks to another pack, where the commit finds them.
            if (await watch.VerifyAsync(name, ScrubDepth.Quick, cancel).ConfigureAwait(false) is null) return;
            _ = Lack($"{pack.Value}: the store lost the pack {pack.Key} of its chunks");
        });

    private long Lack(ChunkRef chunk, string path) =>
        Lack($"{path}: its chunk {chunk.Hash} of {chunk.Length} bytes was not sent");

    /// <summary>Remembers the first thing that is lacking; the inspection goes on, so that all that is lost is
    /// marked.</summary>
    /// <returns>0, the chunks of a file that lacks something.</returns>
    private long Lack(string what)
    {
        _ = Interlocked.CompareExchange(
            ref _lacking, new ChunkOtaException(ErrorCodes.ReleaseIncomplete, what), null);
        return 0;
    }
}
