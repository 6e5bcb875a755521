using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The recipes and chunks that releases have, by the numbers of their rows.</summary>
/// <remarks>
/// A recipe is expanded once for each product, so that a thousand releases that differ little cost little more than
/// one. Memory: one bit for each chunk and recipe of a product. Where a manifest or recipe cannot be read, all that its
/// product has counts as needed, and all recipes: nobody knows what it names.
/// </remarks>
/// <param name="catalogue">Knows releases and numbers.</param>
/// <param name="identities">Has the domains of products.</param>
/// <param name="objects">The store of manifests and recipes; read without a cache, whose memory is better spent on
/// what devices ask for.</param>
/// <param name="isCounted">False for a release whose content is to be left out.</param>
/// <param name="afterRead">Called after each recipe that is read and each batch that is looked up: in a bucket, a few
/// thousand reads take longer than the lease of a collection lives.</param>
internal sealed class ReleaseMarks(
    ICollectionCatalogue catalogue, IIdentityCatalogue identities, IObjectReader objects,
    Predicate<ReleaseRoot> isCounted, Func<CancellationToken, ValueTask> afterRead)
{
    private const int BatchSize = 8192;

    private readonly ReleaseReader _releases = new(
        objects, identities, manifestCacheBytes: 0, recipeCacheBytes: 0);

    private readonly HashSet<Digest> _marked = [];
    private readonly Dictionary<long, (NumberSet Chunks, NumberSet Recipes)> _products = [];
    private readonly NumberSet _recipes = new();
    private readonly HashSet<long> _unread = [];
    private readonly List<ObjectFinding> _lost = [];
    private readonly List<Digest> _batch = new(BatchSize);

    /// <summary>The number of commits up to which all releases are marked.</summary>
    public long Commits { get; private set; }

    /// <summary>The first object of each release that could not be read.</summary>
    public IReadOnlyList<ObjectFinding> Lost => _lost;

    /// <summary>Marks the releases that were committed since the last call.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var roots = await catalogue.ReadRootsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var root in roots.Releases)
        {
            if (isCounted(root) && _marked.Add(root.Manifest))
                await TryMarkAsync(root, cancellationToken).ConfigureAwait(false);
        }

        Commits = roots.Commits;
    }

    /// <summary>True when a release of the product has the chunk.</summary>
    public bool Has(ChunkClaim claim) => _unread.Contains(claim.Product) ||
        _products.TryGetValue(claim.Product, out var marks) && marks.Chunks.Contains(claim.Chunk);

    /// <summary>True when a release has the recipe.</summary>
    public bool HasRecipe(long recipe) => _unread.Count > 0 || _recipes.Contains(recipe);

    private async Task TryMarkAsync(ReleaseRoot root, CancellationToken cancellationToken)
    {
        try
        {
            await MarkAsync(root, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException failure) when (failure.IsOfOneObject())
        {
            var name = failure.FindObject() ?? ObjectName.Manifest(root.Manifest);
            // A store that is away cannot tell the length either, and throws.
            _ = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
            _batch.Clear();
            _ = _unread.Add(root.Product);
            var fault = failure is ObjectMissingException ? ObjectFault.Missing : ObjectFault.Damaged;
            _lost.Add(new ObjectFinding(name, fault, failure.DescribeInOneLine(), [], 0));
        }
    }

    private async Task MarkAsync(ReleaseRoot root, CancellationToken cancellationToken)
    {
        if (!_products.TryGetValue(root.Product, out var marks))
            _products.Add(root.Product, marks = (new NumberSet(), new NumberSet()));
        var listing = await _releases.GetListingAsync(root.Manifest, cancellationToken).ConfigureAwait(false);
        foreach (var files in listing.Files.Chunk(BatchSize))
        {
            foreach (var file in await FindNewAsync(
                listing.Domain, files, marks.Recipes, cancellationToken).ConfigureAwait(false))
            {
                var chunks = await _releases.GetChunksAsync(file, listing.Cut, cancellationToken)
                    .ConfigureAwait(false);
                await afterRead(cancellationToken).ConfigureAwait(false);
                foreach (var chunk in chunks)
                {
                    _batch.Add(chunk.Hash);
                    if (_batch.Count == BatchSize)
                        await MarkBatchAsync(listing.Domain, marks.Chunks, cancellationToken).ConfigureAwait(false);
                }
            }

            await MarkBatchAsync(listing.Domain, marks.Chunks, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The files of one chunk, and one file for each recipe that the product did not have yet.</summary>
    private async Task<List<ReleaseFile>> FindNewAsync(
        DedupDomain domain, ReleaseFile[] files, NumberSet known, CancellationToken cancellationToken)
    {
        var byRecipe = files.Where(file => file.Recipe is not null).DistinctBy(file => file.Recipe).ToList();
        var numbers = await catalogue.FindNumbersAsync(
            domain, MarkedKind.Recipe, byRecipe.Select(file => file.Recipe!.Value).ToArray(), cancellationToken)
            .ConfigureAwait(false);
        List<ReleaseFile> found = [.. files.Where(file => file.Recipe is null)];
        foreach (var (file, number) in byRecipe.Zip(numbers))
        {
            _ = _recipes.Add(number);
            // A recipe that lost its row has number 0: its chunks must stay all the same.
            if (known.Add(number) || number == 0) found.Add(file);
        }

        return found;
    }

    private async Task MarkBatchAsync(DedupDomain domain, NumberSet chunks, CancellationToken cancellationToken)
    {
        await afterRead(cancellationToken).ConfigureAwait(false);
        if (_batch.Count == 0) return;
        var numbers = await catalogue.FindNumbersAsync(
            domain, MarkedKind.Chunk, _batch.ToArray(), cancellationToken).ConfigureAwait(false);
        foreach (var number in numbers)
            _ = chunks.Add(number);
        _batch.Clear();
    }
}
