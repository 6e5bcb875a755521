using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The figures of a build.</summary>
internal sealed record BuildFigures
{
    /// <summary>Plain bytes of chunks that were fetched.</summary>
    public required long FetchedChunkBytes { get; init; }

    /// <summary>Bytes of the delta that were fetched.</summary>
    public required long FetchedDeltaBytes { get; init; }

    /// <summary>Files that a delta made.</summary>
    public required int DeltaFiles { get; init; }

    /// <summary>Bytes that were written to a slot; null for a release of files.</summary>
    public required long? WrittenBytes { get; init; }

    /// <summary>The code of the failure that kept the delta from making all its files;
    /// null when it made them.</summary>
    public string? DeltaFailure { get; init; }
}

/// <summary>Carries a plan out as far as a complete, verified, sealed release under its digest.</summary>
/// <remarks>Nothing that is installed is changed. However it ends, what was written serves the next run.</remarks>
/// <param name="product">The product; its lock is held.</param>
/// <param name="source">The source of chunks, recipes and deltas.</param>
/// <param name="monitor">Told the progress.</param>
internal sealed class BuildStep(LocalProduct product, IReleaseSource source, RunMonitor monitor)
{
    /// <summary>Writes the release.</summary>
    /// <param name="update">The prepared update.</param>
    /// <param name="hash">Hashes and buffers; the caller's.</param>
    /// <param name="timer">Measures verification and sealing apart from the rest.</param>
    /// <exception cref="ChunkOtaException">See <see cref="ChunkFetch"/> and <see cref="IInstallWriter"/>.</exception>
    public async Task<BuildFigures> RunAsync(
        PreparedUpdate update, FileHash hash, PhaseTimer timer, CancellationToken cancellationToken)
    {
        var demand = update.Chunked.Demand;
        monitor.Enter(UpdateStage.Assembling);
        using var writer = product.Destination.Open(
            new InstallOrder(update.Release, demand, update.Basis.Sharing, hash, timer));
        var left = CopyFiles(update, writer, cancellationToken);
        var delta = new DeltaBuild(product.Deltas, source, monitor);
        if (update.Basis.Delta is { } chosen)
        {
            left.AddRange(await delta.RunAsync(update, chosen, writer, cancellationToken).ConfigureAwait(false));
            left.Sort();
        }
        await update.Chunked.AddAsync(left, null, cancellationToken).ConfigureAwait(false);
        product.Manifests.SaveRecipes(update.Release.Digest, update.Chunked.Recipes);
        writer.FinishComplete();
        CopyChunks(update, writer, cancellationToken);
        var fetchedBytes = await FetchAsync(update, writer, cancellationToken).ConfigureAwait(false);
        monitor.Enter(UpdateStage.Assembling);
        using (timer.Measure(RunPhase.Activate))
            writer.Seal();
        monitor.Enter(UpdateStage.Staged);
        return new BuildFigures
        {
            FetchedChunkBytes = fetchedBytes,
            FetchedDeltaBytes = delta.FetchedBytes,
            DeltaFiles = delta.MadeFiles,
            WrittenBytes = writer.DeviceBytes,
            DeltaFailure = delta.FailureCode,
        };
    }

    /// <summary>Writes all files that are copied whole.</summary>
    /// <returns>The entries whose source turned out to be damaged, ascending.</returns>
    private static List<int> CopyFiles(
        PreparedUpdate update, IInstallWriter writer, CancellationToken cancellationToken)
    {
        var damaged = new List<int>();
        for (var i = 0; i < update.Choices.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = update.Release.Entries[i];
            var choice = update.Choices[i];
            if (choice.Action == FileAction.Staged)
                writer.Finish(entry);
            else if (choice.Action is FileAction.Keep or FileAction.Copy && !choice.IsCopyOfMade
                && !TryCopy(update, writer, entry, choice))
                damaged.Add(i);
        }
        return damaged;
    }

    private static bool TryCopy(PreparedUpdate update, IInstallWriter writer, Entry entry, FileChoice choice)
    {
        var sharing = update.Basis.Sharing;
        if (sharing == FileSharing.Names && Planner.IsShared(choice, entry, sharing)
            && update.Sources.TreeOf(choice.Source) is { } tree
            && writer.TryLink(entry, tree, update.Sources.PathOf(choice.Source)))
        {
            return true;
        }
        return update.Sources.TryOpen(choice.Source) is { } file && writer.TryCopy(entry, file);
    }

    private void CopyChunks(PreparedUpdate update, IInstallWriter writer, CancellationToken cancellationToken)
    {
        var demand = update.Chunked.Demand;
        var missing = demand.MissingBytes;
        foreach (var file in demand.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < file.Chunks.Count && file.Remaining > 0; i++)
            {
                if (demand.IsAskedFor(file, i) && update.Sources.TryRead(file.Chunks[i], out var chunk))
                    writer.Write(chunk);
            }
            monitor.Advance(
                UpdateStage.Assembling, missing - demand.MissingBytes, update.Sources.Chunks.Bytes);
        }
    }

    private async Task<long> FetchAsync(
        PreparedUpdate update, IInstallWriter writer, CancellationToken cancellationToken)
    {
        var demand = update.Chunked.Demand;
        var total = demand.MissingBytes;
        if (total > 0)
            monitor.Advance(UpdateStage.Downloading, 0, total);
        using var fetch = new ChunkFetch(source, update.Release, demand, writer, monitor)
        {
            Progressed = () => monitor.Advance(UpdateStage.Downloading, total - demand.MissingBytes, total),
        };
        await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        return fetch.FetchedBytes;
    }
}
