using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>Fills an empty catalogue from the objects alone: chunks from the trailers of packs, releases from
/// manifests, trust roots and channels from the copies of their documents.</summary>
/// <remarks>
/// A manifest is taken only if a trust root of its product vouches for it and the store has all that it names, and so
/// is the last pointer of a channel. A product is isolated if the store has a pack or recipe of its domain; of several
/// domains it gets the one with the content of its newest release. Tokens, devices, anchors and quotas were in the
/// catalogue alone. Memory grows with the number of manifests, by a few hundred bytes each.
/// </remarks>
/// <param name="catalogue">Empty.</param>
/// <param name="objects">The objects.</param>
/// <param name="store">Joins the two.</param>
/// <param name="limits">The limits of a manifest.</param>
/// <param name="isolatesNew">True to isolate products that have no content.</param>
public sealed class Reindexer(
    ICatalogue catalogue, IObjectReader objects, Store store, ManifestLimits limits, bool isolatesNew)
{
    private const int RecipesAtOnce = 1024;

    private readonly List<ObjectName> _damaged = [];
    private readonly List<LeftOutObject> _leftOut = [];
    private readonly HashSet<DedupDomain> _domains = [];

    /// <summary>Fills the catalogue.</summary>
    /// <param name="roots">The trust roots of products whose roots the store does not have, from the first to the
    /// newest; they go before those that it has.</param>
    /// <param name="progress">Is told of each step in words.</param>
    /// <exception cref="ChunkOtaException">Store or catalogue do not answer; a root does not follow its
    /// predecessor.</exception>
    public async Task<ReindexReport> RunAsync(
        IReadOnlyDictionary<string, IReadOnlyList<VerifiedRoot>> roots, IProgress<string> progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentNullException.ThrowIfNull(progress);
        progress.Report("reading packs");
        await AddPacksAsync(cancellationToken).ConfigureAwait(false);
        progress.Report("reading recipes");
        await AddRecipesAsync(cancellationToken).ConfigureAwait(false);
        progress.Report("reading documents");
        var documents = await StoredDocuments.ReadAsync(objects, _damaged, cancellationToken).ConfigureAwait(false);
        progress.Report("reading manifests");
        var found = await ReadHeadsAsync(cancellationToken).ConfigureAwait(false);
        var chains = await FindChainsAsync(found, roots, documents, cancellationToken).ConfigureAwait(false);
        var products = await AddProductsAsync(found, chains, cancellationToken).ConfigureAwait(false);
        var releases = 0L;
        foreach (var head in Choose(found))
        {
            progress.Report(head.ToString());
            if (!products.TryGetValue(head.Product, out var trusted))
                LeaveOut(head, "the store does not have the trust root of its product alone: pass --root");
            else if (await TryAddAsync(head, trusted, cancellationToken).ConfigureAwait(false))
                releases++;
        }

        progress.Report("restoring channels");
        var channels = new ChannelRestore(catalogue, products, _leftOut);
        await channels.RunAsync(documents.Pointers, cancellationToken).ConfigureAwait(false);
        var figures = await catalogue.Releases.ReadStoreFiguresAsync(cancellationToken).ConfigureAwait(false);
        return new ReindexReport
        {
            Packs = figures.Packs,
            Chunks = figures.Chunks,
            Recipes = figures.Recipes,
            Products = products.Count,
            Releases = releases,
            Channels = channels.Restored,
            Damaged = _damaged,
            LeftOut = _leftOut,
        };
    }

    private async Task AddPacksAsync(CancellationToken cancellationToken)
    {
        await foreach (var name in objects.ListAsync(ObjectKind.Pack, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var contents = await PackReader.ReadContentsAsync(objects, name.Digest, cancellationToken)
                    .ConfigureAwait(false);
                _ = await catalogue.Chunks.AddPackAsync(contents, Guid.Empty, cancellationToken).ConfigureAwait(false);
                _ = _domains.Add(contents.Domain);
            }
            catch (StoreFailedException failure) when (failure.IsOfOneObject())
            {
                await PassOverAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task AddRecipesAsync(CancellationToken cancellationToken)
    {
        List<StoredRecipe> batch = [];
        await foreach (var name in objects.ListAsync(ObjectKind.Recipe, cancellationToken).ConfigureAwait(false))
        {
            if (await FindRecipeLengthAsync(name, cancellationToken).ConfigureAwait(false) is not { } length)
            {
                await PassOverAsync(name, cancellationToken).ConfigureAwait(false);
                continue;
            }

            batch.Add(new StoredRecipe(name.Digest, length));
            if (batch.Count < RecipesAtOnce) continue;
            await catalogue.Chunks.AddRecipesAsync(batch, Guid.Empty, cancellationToken).ConfigureAwait(false);
            batch.Clear();
        }

        await catalogue.Chunks.AddRecipesAsync(batch, Guid.Empty, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The length of a recipe; null when it is damaged.</summary>
    private async Task<int?> FindRecipeLengthAsync(ObjectName name, CancellationToken cancellationToken)
    {
        try
        {
            var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false) ?? 0;
            var bytes = new byte[Math.Min(length, RecipeIntake.MaxRecipeBytes + Digest.Size)];
            await objects.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
            var hasher = new ObjectHasher(ObjectKind.Recipe, bytes.Length);
            hasher.Append(bytes);
            if (hasher.Finish() != name.Digest) return null;
            _ = _domains.Add(hasher.Domain);
            return bytes.Length;
        }
        catch (StoreFailedException failure) when (failure.IsOfOneObject())
        {
            return null;
        }
    }

    /// <summary>Counts an object as damaged.</summary>
    /// <exception cref="StoreUnavailableException">The whole store is away: it cannot tell the length
    /// either.</exception>
    private async Task PassOverAsync(ObjectName name, CancellationToken cancellationToken)
    {
        _ = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
        _damaged.Add(name);
    }

    private async Task<List<ReleaseHead>> ReadHeadsAsync(CancellationToken cancellationToken)
    {
        List<ReleaseHead> heads = [];
        await foreach (var name in objects.ListAsync(ObjectKind.Manifest, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var envelope = await store.Reading.Releases.GetManifestAsync(name.Digest, cancellationToken)
                    .ConfigureAwait(false);
                var (head, entries) = ManifestEntries.Read(envelope.Payload.Memory, limits);
                heads.Add(new ReleaseHead(
                    name.Digest, head.Product, head.Platform, head.Version, head.Counter, head.Cut.ToChunking())
                {
                    HasContent = entries.Any(entry => entry.FileDigest() is not null),
                });
            }
            catch (Exception failure) when (failure.IsOfOneObject() || failure is ManifestInvalidException)
            {
                _ = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
                _leftOut.Add(new LeftOutObject(name, "", failure.DescribeInOneLine()));
            }
        }

        return heads;
    }

    /// <summary>The trust roots of each product: those that were given, or the only chain of the store that vouches for
    /// its newest manifest.</summary>
    private async Task<Dictionary<string, IReadOnlyList<VerifiedRoot>>> FindChainsAsync(
        List<ReleaseHead> heads, IReadOnlyDictionary<string, IReadOnlyList<VerifiedRoot>> given,
        StoredDocuments documents, CancellationToken cancellationToken)
    {
        var chains = TrustChains.Of(documents.Roots);
        var found = given.ToDictionary();
        foreach (var product in heads.GroupBy(head => head.Product).Where(product => !given.ContainsKey(product.Key)))
        {
            var newest = product.MaxBy(head => head.Counter)!;
            var envelope = await store.Reading.Releases.GetManifestAsync(newest.Manifest, cancellationToken)
                .ConfigureAwait(false);
            var vouching = chains.Where(chain => TrustChains.Vouch(chain, envelope, product.Key)).Take(2).ToList();
            if (vouching.Count == 1) found.Add(product.Key, vouching[0]);
        }

        return found;
    }

    private async Task<Dictionary<string, IReadOnlyList<VerifiedRoot>>> AddProductsAsync(
        List<ReleaseHead> heads, IReadOnlyDictionary<string, IReadOnlyList<VerifiedRoot>> roots,
        CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<VerifiedRoot>> added = [];
        foreach (var (product, chain) in roots)
        {
            var cut = heads.Where(head => head.Product == product).OrderBy(head => head.Counter)
                .Select(head => (CutParameters?)head.Cut).FirstOrDefault();
            var records = chain.Select(root => new RootRecord(
                root.Version, root.Digest, root.Expires, root.Envelope.ToByteArray())).ToList();
            var domain = await FindDomainAsync(product, heads, cancellationToken).ConfigureAwait(false);
            _ = await catalogue.Identities.CreateProductAsync(
                new NewProduct(product, cut, records[0]) { Domain = domain }, cancellationToken).ConfigureAwait(false);
            if (records.Count > 1)
            {
                await catalogue.Identities.AddRootsAsync(
                    product, records[0].Digest, records[1..], cancellationToken).ConfigureAwait(false);
            }

            added[product] = chain;
        }

        return added;
    }

    /// <summary>The domain of a product: its own if the store has content of that; of several, which a product has had
    /// one after the other, the one that lacks least of the newest release.</summary>
    private async Task<DedupDomain> FindDomainAsync(
        string product, List<ReleaseHead> heads, CancellationToken cancellationToken)
    {
        var own = _domains.Where(domain => domain.IsOf(product)).ToList();
        var newest = heads.Where(head => head.Product == product && head.HasContent).MaxBy(head => head.Counter);
        if (own.Count == 0)
            return isolatesNew && newest is null ? DedupDomain.Create(product) : DedupDomain.Shared;
        if (own.Count == 1 || newest is null) return own[0];
        var envelope = await store.Reading.Releases.GetManifestAsync(newest.Manifest, cancellationToken)
            .ConfigureAwait(false);
        var files = ReleaseListing.Read(envelope.Payload, DedupDomain.Shared).Files;
        var (found, least) = (own[0], int.MaxValue);
        foreach (var domain in own)
        {
            var lacking = await CountLackingAsync(domain, files, cancellationToken).ConfigureAwait(false);
            if (lacking < least) (found, least) = (domain, lacking);
        }

        return found;
    }

    /// <summary>The number of files of which a domain lacks the recipe, or the only chunk.</summary>
    private async Task<int> CountLackingAsync(
        DedupDomain domain, IReadOnlyList<ReleaseFile> files, CancellationToken cancellationToken)
    {
        var lacking = 0;
        foreach (var batch in files.Chunk(RecipesAtOnce))
        {
            var recipes = await catalogue.Chunks.FindRecipeBytesAsync(
                domain, [.. batch.Select(file => file.Recipe).OfType<Digest>()], cancellationToken)
                .ConfigureAwait(false);
            var chunks = batch.Where(file => file.Recipe is null).Select(file => file.Digest).ToArray();
            lacking += recipes.Count(bytes => bytes == 0) + await catalogue.Chunks.FindMissingAsync(
                domain, chunks, new byte[(chunks.Length + 7) / 8], cancellationToken).ConfigureAwait(false);
        }

        return lacking;
    }

    /// <summary>The manifests in the order of their counters. Of those of one version the one with the highest counter
    /// was published: a publish that comes too late signs again.</summary>
    private IEnumerable<ReleaseHead> Choose(List<ReleaseHead> heads)
    {
        foreach (var version in heads.GroupBy(head => (head.Product, head.Platform, head.Version)))
        {
            foreach (var late in version.OrderByDescending(head => head.Counter).Skip(1))
                LeaveOut(late, "its version was signed again with a higher counter");
        }

        var leftOut = _leftOut.Select(one => one.Name.Digest).ToHashSet();
        return heads.Where(head => !leftOut.Contains(head.Manifest))
            .OrderBy(head => head.Product, StringComparer.Ordinal)
            .ThenBy(head => head.Platform, StringComparer.Ordinal).ThenBy(head => head.Counter);
    }

    private async Task<bool> TryAddAsync(
        ReleaseHead head, IReadOnlyList<VerifiedRoot> roots, CancellationToken cancellationToken)
    {
        try
        {
            var envelope = await store.Reading.Releases.GetManifestAsync(head.Manifest, cancellationToken)
                .ConfigureAwait(false);
            var manifest = Verify(envelope, roots);
            var lease = await catalogue.Publishes.BeginAsync(
                new NewPublish
                {
                    Product = head.Product,
                    Platform = head.Platform,
                    Version = head.Version,
                    Channel = "stable",
                    Allowances = Allowances.Older | Allowances.Empty | Allowances.Shrink | Allowances.NewChannel
                        | Allowances.NewPlatform,
                },
                cancellationToken).ConfigureAwait(false);
            var release = await new ReleaseInspector(
                objects, catalogue, store.Scrubbing.Watch, lease.Domain,
                cancel => catalogue.Publishes.RenewAsync(lease.Id, cancel))
                .InspectAsync(manifest, envelope.CalculateSize(), cancellationToken).ConfigureAwait(false);
            _ = await catalogue.Releases.CommitAsync(lease.Id, release, null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ChunkOtaException failure) when (failure is not (StoreFullException or StoreUnavailableException))
        {
            LeaveOut(head, failure.DescribeInOneLine());
            return false;
        }
    }

    /// <summary>Verifies a manifest against the newest root that vouches for it: keys may have been removed
    /// since.</summary>
    private VerifiedManifest Verify(Envelope envelope, IReadOnlyList<VerifiedRoot> roots)
    {
        for (var i = roots.Count - 1; ; i--)
        {
            try
            {
                return VerifiedManifest.Verify(envelope, roots[i], limits);
            }
            catch (SignatureRejectedException) when (i > 0)
            {
                // An older root may have the key.
                continue;
            }
        }
    }

    private void LeaveOut(ReleaseHead head, string why) =>
        _leftOut.Add(new LeftOutObject(ObjectName.Manifest(head.Manifest), head.ToString(), why));

    /// <summary>The part of a manifest that orders releases.</summary>
    private sealed record ReleaseHead(
        Digest Manifest, string Product, string Platform, string Version, ulong Counter, CutParameters Cut)
    {
        /// <summary>One of its files is not empty.</summary>
        public bool HasContent { get; init; }

        public override string ToString() => OneLine.Of($"{Product} {Version} ({Platform})");
    }
}
