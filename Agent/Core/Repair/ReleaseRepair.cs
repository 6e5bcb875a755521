namespace ChunkOta.Agent;

/// <summary>A repair that was made.</summary>
/// <param name="Damage">The entries that were put right, in the order of paths.</param>
/// <param name="FetchedBytes">Plain bytes of the chunks that were fetched for it.</param>
internal sealed record MadeRepair(IReadOnlyList<TreeDamage> Damage, long FetchedBytes);

/// <summary>Puts a damaged release right: from good chunks on this disk, and the rest from a source.</summary>
/// <remarks>The manifest that the record names by its digest says what is right. Nothing in the release changes before
/// all new bytes are there and verified. The product's lock is held.</remarks>
/// <param name="product">The product.</param>
/// <param name="source">The source of chunks and recipes; asked only for what this disk lacks.</param>
/// <param name="monitor">Told the progress.</param>
internal sealed class ReleaseRepair(LocalProduct product, IReleaseSource source, RunMonitor monitor)
{
    /// <summary>Repairs everything that a check has found.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="release">The damaged release.</param>
    /// <param name="contents">What it must hold.</param>
    /// <param name="findings">The result of the check.</param>
    /// <param name="isFull">True when that has read every byte.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_AS_INSTALLED</c>: it is damaged again already; <c>DISK_FULL</c>;
    /// everything that a source may meet.</exception>
    public async Task<MadeRepair> RunAsync(
        ProductState state,
        InstalledRelease release,
        ReleaseContents contents,
        TreeFindings findings,
        bool isFull,
        CancellationToken cancellationToken)
    {
        var repaired = new List<TreeDamage>();
        findings = RestoreDirectories(release, contents, findings, isFull, repaired, cancellationToken);
        var damage = EntriesOf(release, contents, findings);
        var fetchedBytes = damage.Count == 0
            ? 0
            : await ReplaceAsync(state, release, contents, damage, cancellationToken).ConfigureAwait(false);
        if (product.Destination.CheckQuickly(release.Version, contents, cancellationToken).Damage is [var left, ..])
        {
            throw new ChunkOtaException(
                ErrorCodes.NotAsInstalled,
                $"{state.Product} {release.Version} was repaired and is damaged again: {left.Path}: {left.What}: "
                + "find out which program writes to it");
        }
        repaired.AddRange(findings.Repairable);
        repaired.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return new MadeRepair(repaired, fetchedBytes);
    }

    /// <summary>Gives directories their permissions, and looks into those that were closed until then.</summary>
    /// <param name="release">The damaged release.</param>
    /// <param name="contents">What it must hold.</param>
    /// <param name="findings">The result of the first check.</param>
    /// <param name="isFull">True to read every byte.</param>
    /// <param name="restored">Gets the directories.</param>
    /// <returns>What else is damaged.</returns>
    private TreeFindings RestoreDirectories(
        InstalledRelease release,
        ReleaseContents contents,
        TreeFindings findings,
        bool isFull,
        List<TreeDamage> restored,
        CancellationToken cancellationToken)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        while (findings.Damage.Where(found => found.IsOfDirectory && paths.Add(found.Path)).ToList()
            is { Count: > 0 } closed)
        {
            product.Destination.RestorePermissions(release.Version, contents, closed);
            restored.AddRange(closed);
            findings = isFull
                ? product.Destination.Check(release.Version, contents, cancellationToken)
                : product.Destination.CheckQuickly(release.Version, contents, cancellationToken);
        }
        return findings;
    }

    private async Task<long> ReplaceAsync(
        ProductState state,
        InstalledRelease release,
        ReleaseContents contents,
        SortedDictionary<int, TreeDamage> damage,
        CancellationToken cancellationToken)
    {
        RequireSpace(contents, damage.Keys);
        using var hash = new FileHash();
        using var sources = new LocalSources(OpenSeeds(state, release), contents, hash);
        var recipes = product.Manifests.FindRecipes(contents.Digest);
        foreach (var bundle in sources.Recipes)
            recipes.AddFrom(bundle, damage.Keys.Select(index => contents.Entries[index]));
        using var spool = product.Manifests.OpenSpool(contents.Digest);
        var chunked = new ChunkedFiles(source, contents, recipes, spool, sources, monitor);
        using var unfinished = product.Destination.FindUnfinished(contents, hash);
        using var writer = product.Destination.OpenRepair(
            release.Version,
            new InstallOrder(contents, chunked.Demand, FileSharing.None, hash, new PhaseTimer(monitor.Clock)));
        var knownRecipes = recipes.Count;
        await chunked.AddAsync(writer.Begin(damage), unfinished.PresentChunks, cancellationToken)
            .ConfigureAwait(false);
        if (recipes.Count > knownRecipes)
            product.Manifests.SaveRecipes(contents.Digest, recipes);
        writer.FinishComplete();
        CopyChunks(chunked.Demand, sources, writer, cancellationToken);
        var fetchedBytes = await FetchAsync(contents, chunked.Demand, writer, cancellationToken)
            .ConfigureAwait(false);
        writer.Commit();
        return fetchedBytes;
    }

    private SortedDictionary<int, TreeDamage> EntriesOf(
        InstalledRelease release, ReleaseContents contents, TreeFindings findings)
    {
        var damage = new SortedDictionary<int, TreeDamage>();
        if (!product.Destination.Holds(release))
        {
            for (var i = 0; i < contents.Entries.Count; i++)
                damage.Add(i, new TreeDamage(contents.Entries[i].Path, "missing"));
            return damage;
        }
        foreach (var found in findings.Repairable)
        {
            // What stands in the place of a directory is not an entry: it gives way to the entries in that directory.
            if (!found.IsOfDirectory && contents.Find(found.Path) is >= 0 and var index)
                damage[index] = found;
        }
        return damage;
    }

    /// <summary>Opens the trees to copy from, the damaged one last: what it lacks another one may have.</summary>
    private List<SeedTree> OpenSeeds(ProductState state, InstalledRelease release)
    {
        var seeds = product.Destination.OpenSeeds(state, product.Manifests);
        return
        [
            .. seeds.Where(seed => seed.Manifest != release.ManifestDigest),
            .. seeds.Where(seed => seed.Manifest == release.ManifestDigest),
        ];
    }

    private void RequireSpace(ReleaseContents contents, IEnumerable<int> entries)
    {
        var needed = entries.Sum(index => ReleaseContents.DiskBytes(contents.Entries[index]));
        var free = product.Destination.FreeBytes;
        if (free < needed)
        {
            throw new ChunkOtaException(
                ErrorCodes.DiskFull,
                $"the repair of {contents.Manifest.Product} {contents.Manifest.Version} needs {SizeText.Of(needed)} "
                + $"on the file system of {product.Home.Root}, which has {SizeText.Of(free)} free");
        }
    }

    private void CopyChunks(
        ChunkDemand demand, LocalSources sources, IChunkSink writer, CancellationToken cancellationToken)
    {
        var missing = demand.MissingBytes;
        foreach (var file in demand.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < file.Chunks.Count && file.Remaining > 0; i++)
            {
                if (demand.IsAskedFor(file, i) && sources.TryRead(file.Chunks[i], out var chunk))
                    writer.Write(chunk);
            }
            monitor.Advance(UpdateStage.Assembling, missing - demand.MissingBytes, missing);
        }
    }

    private async Task<long> FetchAsync(
        ReleaseContents contents, ChunkDemand demand, IChunkSink writer, CancellationToken cancellationToken)
    {
        var total = demand.MissingBytes;
        if (total == 0)
            return 0;
        using var fetch = new ChunkFetch(source, contents, demand, writer, monitor)
        {
            Progressed = () => monitor.Advance(UpdateStage.Downloading, total - demand.MissingBytes, total),
        };
        await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        return fetch.FetchedBytes;
    }
}
