using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>Carries a plan out as far as a complete, verified, sealed tree under staging.</summary>
/// <remarks>Nothing that is installed is changed. However it ends, what was written serves the next run.</remarks>
/// <param name="home">The product's place; its lock is held.</param>
/// <param name="manifests">Where manifest and recipes are kept.</param>
/// <param name="source">Where chunks are asked for.</param>
/// <param name="hash">Hashes and buffers; the caller's.</param>
/// <param name="clock">Paces and measures.</param>
/// <param name="progress">Told where the work is.</param>
internal sealed class UpdateBuild(
    ProductHome home,
    ManifestStore manifests,
    IReleaseSource source,
    FileHash hash,
    TimeProvider clock,
    IProgress<UpdateProgress>? progress)
{
    /// <summary>Plain bytes of chunks that were fetched.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>The part that a delta has in it.</summary>
    public DeltaBuild Delta { get; } = new(home, source, clock, progress);

    /// <summary>Time spent hashing finished files.</summary>
    public TimeSpan Verifying { get; private set; }

    /// <summary>Time spent copying, fetching and hashing.</summary>
    public TimeSpan Building { get; private set; }

    /// <summary>Builds the tree.</summary>
    /// <param name="update">What was prepared.</param>
    /// <returns>The tree's path.</returns>
    /// <exception cref="ChunkOtaException">See <see cref="ChunkFetch"/> and <see cref="Assembler"/>.</exception>
    public async Task<string> RunAsync(PreparedUpdate update, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var staging = StagingTree.Open(home, update.Target);
        using var assembler = new Assembler(staging, update.Demand, hash, update.Basis.Sharing, clock);
        staging.MakeEmptyEntries();
        var demoted = CopyFiles(update, assembler, cancellationToken);
        if (update.Basis.Delta is { } delta)
        {
            demoted.AddRange(await Delta.RunAsync(update, delta, assembler, cancellationToken).ConfigureAwait(false));
            demoted.Sort();
        }
        await DemandAsync(update, demoted, cancellationToken).ConfigureAwait(false);
        manifests.SaveRecipes(update.Target.Digest, update.Recipes);
        assembler.FinishComplete();
        CopyChunks(update, assembler, cancellationToken);
        await FetchAsync(update, assembler, cancellationToken).ConfigureAwait(false);
        staging.MakeLinks();
        Verifying = assembler.Verifying;
        Building = clock.GetElapsedTime(started);
        staging.Seal();
        return staging.Root;
    }

    /// <summary>Makes all files that are copied whole; answers those whose source turned out to be damaged.</summary>
    private static List<int> CopyFiles(PreparedUpdate update, Assembler assembler, CancellationToken cancellationToken)
    {
        var demoted = new List<int>();
        for (var i = 0; i < update.Choices.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = update.Target.Entries[i];
            var choice = update.Choices[i];
            if (choice.Action == FileAction.Staged)
                assembler.Finish(entry);
            else if (choice.Action is FileAction.Keep or FileAction.Copy && !choice.IsCopyOfMade
                && !TryCopy(update, assembler, entry, choice))
                demoted.Add(i);
        }
        return demoted;
    }

    private static bool TryCopy(PreparedUpdate update, Assembler assembler, Entry entry, FileChoice choice)
    {
        var sharing = update.Basis.Sharing;
        if (sharing == FileSharing.Names && Planner.IsShared(choice, entry, sharing)
            && assembler.TryLink(entry, update.Sources.TreeOf(choice.Source), update.Sources.PathOf(choice.Source)))
        {
            return true;
        }
        return update.Sources.TryOpen(choice.Source) is { } file && assembler.TryCopy(entry, file);
    }

    /// <summary>Puts files that could not be made otherwise on the list of those that are put together.</summary>
    private async Task DemandAsync(PreparedUpdate update, List<int> demoted, CancellationToken cancellationToken)
    {
        var (target, recipes) = (update.Target, update.Recipes);
        var lacking = demoted.FindAll(i => !recipes.TryFind(target.Entries[i], target.Cut, out _));
        await new RecipeFetch(source, target, recipes).RunAsync(lacking, cancellationToken).ConfigureAwait(false);
        foreach (var i in demoted)
            update.Demand.Add(i, recipes.Get(target.Entries[i], target.Cut), _ => false);
        if (demoted.Count > 0)
            await update.Sources.FindChunksAsync(update.Demand, target.Cut, cancellationToken).ConfigureAwait(false);
    }

    private void CopyChunks(PreparedUpdate update, Assembler assembler, CancellationToken cancellationToken)
    {
        var (demand, missing) = (update.Demand, update.Demand.MissingBytes);
        foreach (var file in demand.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < file.Chunks.Count && file.Remaining > 0; i++)
            {
                if (demand.IsAskedFor(file, i) && update.Sources.TryRead(file.Chunks[i], out var chunk))
                    assembler.Write(chunk);
            }
            progress?.Report(new UpdateProgress("copy", missing - demand.MissingBytes, update.Sources.Chunks.Bytes));
        }
    }

    private async Task FetchAsync(PreparedUpdate update, Assembler assembler, CancellationToken cancellationToken)
    {
        var total = update.Demand.MissingBytes;
        using var fetch = new ChunkFetch(source, update.Target, update.Demand, assembler, clock)
        {
            Progressed = () =>
                progress?.Report(new UpdateProgress("fetch", total - update.Demand.MissingBytes, total)),
        };
        try
        {
            await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            FetchedBytes = fetch.FetchedBytes;
        }
    }
}
