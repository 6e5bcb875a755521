namespace ChunkOta.Agent;

/// <summary>A plan with everything that carrying it out needs.</summary>
/// <remarks>Holds open the trees that bytes are copied from.</remarks>
internal sealed class PreparedUpdate : IDisposable
{
    /// <summary>The decisions.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>The plan, for people.</summary>
    public required UpdatePlan Plan { get; init; }

    /// <summary>The shortage of space or inodes that a dry run found; null for none.</summary>
    public ChunkOtaException? Shortage { get; init; }

    /// <summary>The files that are put together from chunks.</summary>
    public required ChunkedFiles Chunked { get; init; }

    /// <summary>The files on this disk.</summary>
    public required LocalSources Sources { get; init; }

    /// <summary>The recipes that came so far; null for a run that writes nothing.</summary>
    public RecipeSpool? Spool { get; init; }

    /// <summary>The release to install.</summary>
    public ReleaseContents Release => Basis.Release;

    /// <summary>The decision for each entry.</summary>
    public FileChoice[] Choices => Basis.Choices;

    /// <inheritdoc/>
    public void Dispose()
    {
        Spool?.Dispose();
        Sources.Dispose();
    }
}

/// <summary>Prepares an update: looks at the disk and fetches recipes. A dry run writes nothing; another one keeps what
/// it fetches, for a run that follows a kill.</summary>
/// <param name="product">The product; its lock is held.</param>
/// <param name="source">The source of recipes.</param>
/// <param name="hash">Hashes and buffers; the caller's, and alive as long as the prepared update.</param>
/// <param name="monitor">Told of each wait.</param>
internal sealed class PlanStep(LocalProduct product, IReleaseSource source, FileHash hash, RunMonitor monitor)
{
    /// <summary>Works out what it takes to install a release.</summary>
    /// <param name="goal">The goal of the run; unless it is a dry run, the disk must have enough space.</param>
    /// <param name="accepted">The release.</param>
    /// <param name="state">The record of what is installed; null when nothing is.</param>
    /// <exception cref="ChunkOtaException"><c>DISK_FULL</c>:
    /// there is not enough space for the signed sizes.</exception>
    public async Task<PreparedUpdate> RunAsync(
        RunGoal goal, AcceptedUpdate accepted, ProductState? state, CancellationToken cancellationToken)
    {
        var release = accepted.Release;
        var sources = new LocalSources(product.Destination.OpenSeeds(state, product.Manifests), release, hash);
        RecipeSpool? spool = null;
        try
        {
            using var unfinished = product.Destination.FindUnfinished(release, hash);
            unfinished.Scan(cancellationToken);
            var choices = Planner.Choose(release, sources.Files, unfinished.IsWhole);
            var delta = ChooseDelta(accepted, choices, sources, unfinished);
            var basis = new PlanBasis(
                release, state?.CurrentRelease?.Version, choices, delta, FindSharing(choices, goal.Link));
            var shortage = FindShortage(basis);
            if (!goal.IsDryRun)
            {
                if (shortage is not null)
                    throw shortage;
                product.Manifests.Save(accepted.Manifest.Digest, accepted.Manifest.Envelope);
                spool = product.Manifests.OpenSpool(release.Digest);
            }
            var chunked = new ChunkedFiles(source, release, FindRecipes(release, sources), spool, sources, monitor);
            await chunked.AddAsync(EntriesOf(choices, FileAction.Chunks), unfinished.PresentChunks, cancellationToken)
                .ConfigureAwait(false);
            return new PreparedUpdate
            {
                Basis = basis,
                Plan = Planner.Plan(basis, sources.Files, chunked.Demand, sources.Chunks),
                Chunked = chunked,
                Sources = sources,
                Spool = spool,
                Shortage = shortage,
            };
        }
        catch
        {
            spool?.Dispose();
            sources.Dispose();
            throw;
        }
    }

    private ChosenDelta? ChooseDelta(
        AcceptedUpdate accepted, FileChoice[] choices, LocalSources sources, IUnfinishedInstall unfinished)
    {
        var release = accepted.Release;
        if (accepted.Deltas is not { } offers
            || !Array.Exists(choices, choice => choice.Action == FileAction.Chunks)
            || sources.FindRelease(offers.From) is not { } held)
        {
            return null;
        }
        var covered = DeltaSelection.Covered(held.Contents, release);
        var recipes = product.Manifests.FindRecipes(release.Digest);
        long coveredBytes = 0, missingBytes = 0;
        foreach (var i in covered)
        {
            var size = (long)release.Entries[i].Size;
            coveredBytes += size;
            // Chunks that an interrupted run has written need not come again.
            if (choices[i].Action == FileAction.Chunks)
                missingBytes += size - PresentBytes(i, release, recipes, unfinished);
        }
        var delta = DeltaSelection.Choose(offers, coveredBytes, missingBytes, product.Deltas.DownloadedBytes);
        if (delta is null)
            return null;
        DeltaSelection.Apply(release, covered, choices);
        return new ChosenDelta(delta, offers.From, product.Deltas.DownloadedBytes(delta));
    }

    private static long PresentBytes(
        int entry, ReleaseContents release, RecipeBundle recipes, IUnfinishedInstall unfinished)
    {
        if (!recipes.TryFind(release.Entries[entry], release.Cut, out var chunks))
            return 0;
        var present = unfinished.PresentChunks(entry, chunks);
        long bytes = 0;
        for (var i = 0; i < present.Length; i++)
            bytes += present[i] ? chunks[i].Length : 0;
        return bytes;
    }

    private FileSharing FindSharing(FileChoice[] choices, LinkMode link) =>
        Array.Exists(choices, choice => choice.Action is FileAction.Keep or FileAction.Copy)
            ? product.Destination.FindSharing(link)
            : FileSharing.None;

    /// <summary>Compares what the plan needs of the disk with what is free.</summary>
    /// <returns>The failure; null when there is enough.</returns>
    private ChunkOtaException? FindShortage(PlanBasis basis)
    {
        var release = basis.Release;
        var (free, diskBytes) = (product.Destination.FreeBytes, Planner.DiskBytes(basis));
        if (free < diskBytes)
        {
            return new ChunkOtaException(
                ErrorCodes.DiskFull,
                $"{release.Manifest.Product} {release.Manifest.Version} needs {SizeText.Of(diskBytes)} on the file "
                + $"system of {product.Home.Root}, which has {SizeText.Of(free)} free");
        }
        var (freeInodes, inodes) = (product.Destination.FreeInodes, Planner.Inodes(basis));
        if (freeInodes < inodes)
        {
            return new ChunkOtaException(
                ErrorCodes.DiskFull,
                $"{release.Manifest.Product} {release.Manifest.Version} needs {inodes} inodes on the file system of "
                + $"{product.Home.Root}, which has {freeInodes} free: remove files there")
            {
                Cause = FailureCause.Inodes,
            };
        }
        return null;
    }

    private RecipeBundle FindRecipes(ReleaseContents release, LocalSources sources)
    {
        var recipes = product.Manifests.FindRecipes(release.Digest);
        foreach (var bundle in sources.Recipes)
            recipes.AddFrom(bundle, release.Entries);
        return recipes;
    }

    private static List<int> EntriesOf(FileChoice[] choices, FileAction action)
    {
        var entries = new List<int>();
        for (var i = 0; i < choices.Length; i++)
        {
            if (choices[i].Action == action)
                entries.Add(i);
        }
        return entries;
    }
}
