using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A plan with what it takes to carry it out.</summary>
/// <remarks>Holds open the trees that bytes are taken from.</remarks>
internal sealed class PreparedUpdate : IDisposable
{
    /// <summary>What was decided.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>The plan, for people.</summary>
    public required UpdatePlan Plan { get; init; }

    /// <summary>The release to install.</summary>
    public WantedRelease Target => Basis.Target;

    /// <summary>How each entry is made.</summary>
    public FileChoice[] Choices => Basis.Choices;

    /// <summary>The chunks that files lack.</summary>
    public required ChunkDemand Demand { get; init; }

    /// <summary>What lies on this disk.</summary>
    public required LocalSources Sources { get; init; }

    /// <summary>The release's recipes, as far as they are known.</summary>
    public required RecipeBundle Recipes { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Sources.Dispose();
}

/// <summary>Prepares an update: looks at the disk, asks for recipes, writes nothing.</summary>
/// <param name="home">The product's place.</param>
/// <param name="manifests">Where manifests and recipes are.</param>
/// <param name="source">Where recipes are asked for.</param>
/// <param name="hash">Hashes and buffers; the caller's, and alive as long as what is prepared.</param>
internal sealed class UpdatePlanner(ProductHome home, ManifestStore manifests, IReleaseSource source, FileHash hash)
{
    /// <summary>Works out what it takes to install a release.</summary>
    /// <param name="accepted">The release, and what was said of the way to it.</param>
    /// <param name="state">What is installed; null: nothing.</param>
    /// <param name="run">What the run is to bring about; unless it is a dry one, the disk must have room for it.</param>
    /// <exception cref="ChunkOtaException"><c>DISK_FULL</c>: there is no room, by the signed sizes.</exception>
    public async Task<PreparedUpdate> PrepareAsync(
        AcceptedUpdate accepted, ProductState? state, RunGoal run, CancellationToken cancellationToken)
    {
        var target = accepted.Contents;
        var sources = new LocalSources(SeedTrees.Open(home, state, manifests), target, hash);
        try
        {
            using var tree = TreeFiles.TryOpenTree(StagingTree.PathOf(home, target.Digest));
            var staged = new StagedFiles(tree, target, hash);
            staged.Scan(cancellationToken);
            var choices = Planner.Choose(target, sources.Files, staged.IsWhole);
            var delta = TakeDelta(accepted.Deltas, target, choices, sources, staged);
            var basis = new PlanBasis(
                target, state?.CurrentRelease?.Version, choices, delta, FindSharing(choices, run.Link));
            if (!run.IsDryRun)
                RequireSpace(target, Planner.DiskBytes(basis));
            var recipes = await FindRecipesAsync(target, choices, sources, cancellationToken).ConfigureAwait(false);
            var demand = DemandOf(target, choices, recipes, staged);
            await sources.FindChunksAsync(demand, target.Cut, cancellationToken).ConfigureAwait(false);
            return new PreparedUpdate
            {
                Basis = basis,
                Plan = Planner.Plan(basis, sources.Files, demand, sources.Chunks),
                Demand = demand,
                Sources = sources,
                Recipes = recipes,
            };
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    private ChosenDelta? TakeDelta(
        DeltaOffers? offers, WantedRelease target, FileChoice[] choices, LocalSources sources, StagedFiles staged)
    {
        if (offers is null || !Array.Exists(choices, choice => choice.Action == FileAction.Chunks)
            || sources.FindRelease(offers.From) is not { } held)
        {
            return null;
        }
        var covered = DeltaSelection.Covered(held.Contents, target);
        var recipes = manifests.FindRecipes(target.Digest);
        long coveredBytes = 0, missingBytes = 0;
        foreach (var i in covered)
        {
            var size = (long)target.Entries[i].Size;
            coveredBytes += size;
            // What an interrupted run has put in its place need not come as chunks.
            if (choices[i].Action == FileAction.Chunks)
                missingBytes += size - staged.PresentBytes(i, recipes);
        }
        var files = new DeltaFiles(home);
        if (DeltaSelection.Choose(offers, coveredBytes, missingBytes, files.DownloadedBytes) is not { } delta)
            return null;
        DeltaSelection.Take(target, covered, choices);
        return new ChosenDelta(delta, offers.From, files.DownloadedBytes(delta));
    }

    private FileSharing FindSharing(FileChoice[] choices, LinkMode link)
    {
        if (!Array.Exists(choices, choice => choice.Action is FileAction.Keep or FileAction.Copy))
            return FileSharing.None;
        return Fs.CanClone(home.Staging) ? FileSharing.Blocks
            : link == LinkMode.Hardlink ? FileSharing.Names : FileSharing.None;
    }

    private void RequireSpace(WantedRelease target, long diskBytes)
    {
        var free = Fs.FreeBytes(home.Root);
        if (free < diskBytes)
        {
            throw new ChunkOtaException(
                ErrorCodes.DiskFull,
                $"{target.Manifest.Product} {target.Manifest.Version} needs {diskBytes} bytes on the file system of "
                + $"{home.Root}, {free} are free: free some space and run again");
        }
    }

    private async Task<RecipeBundle> FindRecipesAsync(
        WantedRelease target, FileChoice[] choices, LocalSources sources, CancellationToken cancellationToken)
    {
        var recipes = manifests.FindRecipes(target.Digest);
        foreach (var bundle in sources.Recipes)
            recipes.AddFrom(bundle, target.Entries);
        var lacking = new List<int>();
        for (var i = 0; i < choices.Length; i++)
        {
            if (choices[i].Action == FileAction.Chunks && !recipes.TryFind(target.Entries[i], target.Cut, out _))
                lacking.Add(i);
        }
        await new RecipeFetch(source, target, recipes).RunAsync(lacking, cancellationToken).ConfigureAwait(false);
        return recipes;
    }

    private static ChunkDemand DemandOf(
        WantedRelease target, FileChoice[] choices, RecipeBundle recipes, StagedFiles staged)
    {
        var demand = new ChunkDemand();
        for (var i = 0; i < choices.Length; i++)
        {
            if (choices[i].Action != FileAction.Chunks)
                continue;
            var chunks = recipes.Get(target.Entries[i], target.Cut);
            var present = staged.PresentChunks(i, chunks);
            demand.Add(i, chunks, chunk => present[chunk]);
        }
        return demand;
    }
}
