using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Plans a collection without changing anything, and says why something is kept.</summary>
/// <param name="catalogue">Rows.</param>
/// <param name="objects">Objects.</param>
/// <param name="options">Periods and limits.</param>
/// <param name="clock">Decides what is due.</param>
public sealed class CollectionPlanner(
    ICatalogue catalogue, IObjectReader objects, CollectionOptions options, TimeProvider clock)
{
    private const int PageSize = 4096;

    /// <summary>The most releases that are named: a chunk may be in every release of a product.</summary>
    private const int MaxReleasesNamed = 20;

    private const long RecipeCacheBytes = 16L * 1024 * 1024;

    /// <summary>The time from which on a report counts: a device without one keeps no release.</summary>
    public DateTimeOffset DevicesSince => clock.GetUtcNow() - options.DeviceLife;

    /// <summary>Plans a collection.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE, OBJECT_DAMAGED: a manifest or a recipe cannot be
    /// read.</exception>
    public async Task<CollectionPlan> PlanAsync(CancellationToken cancellationToken)
    {
        List<JudgedRelease> releases = [];
        List<JudgedDevices> devices = [];
        foreach (var product in await catalogue.Identities.ListProductsAsync(cancellationToken).ConfigureAwait(false))
        {
            var planned = await PlanAsync(product.Name, cancellationToken).ConfigureAwait(false);
            releases.AddRange(planned);
            devices.AddRange(await JudgeAsync(product.Name, planned, cancellationToken).ConfigureAwait(false));
        }

        var (chunks, bytes) = await MeasureAsync(releases, cancellationToken).ConfigureAwait(false);
        var state = await catalogue.Collection.ReadStateAsync(cancellationToken).ConfigureAwait(false);
        return new CollectionPlan(releases, devices, chunks, bytes, state);
    }

    /// <summary>Plans what happens to the releases of a product.</summary>
    public async Task<IReadOnlyList<JudgedRelease>> PlanAsync(string product, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var uses = await catalogue.Retention.ListAsync(product, DevicesSince, cancellationToken).ConfigureAwait(false);
        var policies = await catalogue.Retention.ListPoliciesAsync(product, cancellationToken).ConfigureAwait(false);
        var judged = RetentionRules.Judge(uses, policies).ToDictionary(kept => kept.Release.Manifest);
        return [.. uses.Select(Plan)];

        JudgedRelease Plan(ReleaseUse use) => use.Deleted is { } deleted
            ? new JudgedRelease(
                use, deleted + options.Grace <= now ? ReleaseFate.Purged : ReleaseFate.Trashed, [],
                deleted + options.Grace)
            : judged[use.Manifest].Reasons is { Count: > 0 } reasons
                ? new JudgedRelease(use, ReleaseFate.Kept, reasons, null)
                : new JudgedRelease(use, ReleaseFate.Deleted, [], now + options.Grace);
    }

    /// <summary>Names releases that have a chunk.</summary>
    /// <param name="hash">The chunk.</param>
    /// <param name="products">The products that claim it.</param>
    /// <returns>At most 20 of them, deleted or not, the newest of each platform first.</returns>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE, OBJECT_DAMAGED: a manifest or a recipe cannot be
    /// read.</exception>
    public async Task<IReadOnlyList<JudgedRelease>> FindReleasesAsync(
        Digest hash, IReadOnlyList<string> products, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(products);
        var reader = new ReleaseReader(objects, catalogue.Identities, manifestCacheBytes: 0, RecipeCacheBytes);
        List<JudgedRelease> found = [];
        foreach (var product in products)
        {
            foreach (var release in await PlanAsync(product, cancellationToken).ConfigureAwait(false))
            {
                if (found.Count == MaxReleasesNamed) return found;
                if (await HasAsync(reader, release.Release.Manifest, hash, cancellationToken).ConfigureAwait(false))
                    found.Add(release);
            }
        }

        return found;
    }

    private static async Task<bool> HasAsync(
        ReleaseReader reader, Digest manifest, Digest hash, CancellationToken cancellationToken)
    {
        var listing = await reader.GetListingAsync(manifest, cancellationToken).ConfigureAwait(false);
        foreach (var file in listing.Files)
        {
            var chunks = await reader.GetChunksAsync(file, listing.Cut, cancellationToken).ConfigureAwait(false);
            if (chunks.Any(chunk => chunk.Hash == hash)) return true;
        }

        return false;
    }

    private async Task<IEnumerable<JudgedDevices>> JudgeAsync(
        string product, IReadOnlyList<JudgedRelease> releases, CancellationToken cancellationToken)
    {
        var groups = await catalogue.Retention.ListDevicesAsync(product, DevicesSince, cancellationToken)
            .ConfigureAwait(false);
        var channels = await catalogue.Releases.ListChannelsAsync(product, false, cancellationToken)
            .ConfigureAwait(false);
        var deltas = await catalogue.Deltas.ListAsync(product, cancellationToken).ConfigureAwait(false);
        return UpgradeImpacts.Judge(
            groups,
            releases.Where(release => release.Fate != ReleaseFate.Kept).Select(release => release.Release.Manifest)
                .ToHashSet(),
            channels, deltas.Where(delta => delta.Digest is not null).Select(delta => delta.Pair).ToHashSet())
            .Select(affected => new JudgedDevices(product, affected));
    }

    /// <summary>Counts the chunks that only releases have whose content goes.</summary>
    private async Task<(long Chunks, long Bytes)> MeasureAsync(
        List<JudgedRelease> releases, CancellationToken cancellationToken)
    {
        var going = releases.Where(release => release.Fate == ReleaseFate.Purged)
            .Select(release => release.Release.Manifest).ToHashSet();
        var marks = new ReleaseMarks(
            catalogue.Collection, catalogue.Identities, objects, root => !going.Contains(root.Manifest),
            _ => ValueTask.CompletedTask);
        await marks.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var (count, bytes) = (0L, 0L);
        for (var after = default(ChunkClaim); ;)
        {
            var page = await catalogue.Collection.ListClaimsAsync(after, PageSize, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0) return (count, bytes);
            // The claims of a chunk may go on in the next page; the few that are counted twice do not matter.
            List<long> garbage =
            [
                .. page.GroupBy(claim => claim.Chunk).Where(chunk => !chunk.Any(marks.Has)).Select(chunk => chunk.Key),
            ];
            count += garbage.Count;
            bytes += await catalogue.Collection.MeasureAsync(garbage, cancellationToken).ConfigureAwait(false);
            after = page[^1];
        }
    }
}
