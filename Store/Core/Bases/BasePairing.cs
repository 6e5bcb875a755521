namespace ChunkOta.Storage;

/// <summary>Two releases whose changed files have their bases: the work of a delta.</summary>
/// <param name="Pair">The digests of both manifests.</param>
/// <param name="From">The old release.</param>
/// <param name="To">The new release.</param>
/// <param name="Files">The changed files, by entry number.</param>
public sealed record PairedReleases(
    DeltaPair Pair, ReleaseListing From, ReleaseListing To, IReadOnlyList<PairedFile> Files)
{
    /// <summary>Bytes of the largest target or base: the encoder's memory grows with it.</summary>
    public long LargestFileBytes =>
        Files.Select(file => Math.Max(file.Target.Size, file.Base?.Size ?? 0)).DefaultIfEmpty().Max();

    /// <summary>Bytes of all targets.</summary>
    public long TargetBytes => Files.Sum(file => file.Target.Size);
}

/// <summary>Pairs each changed file of a release with the old file that it is built from.</summary>
/// <param name="releases">Reads manifests and recipes.</param>
internal sealed class BasePairing(ReleaseReader releases)
{
    /// <summary>Pairs the files of two visible releases; there may be none.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: a manifest or recipe is gone; OBJECT_DAMAGED.</exception>
    public async Task<PairedReleases> PairAsync(DeltaPair pair, CancellationToken cancellationToken)
    {
        var from = await releases.GetListingAsync(pair.From, cancellationToken).ConfigureAwait(false);
        var to = await releases.GetListingAsync(pair.To, cancellationToken).ConfigureAwait(false);
        return await PairAsync(pair, from, to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pairs the files of two releases; the new one need not be visible yet.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: a recipe is gone; OBJECT_DAMAGED.</exception>
    public async Task<PairedReleases> PairAsync(
        DeltaPair pair, ReleaseListing from, ReleaseListing to, CancellationToken cancellationToken)
    {
        var changed = BaseChoice.FindChanged(from, to);
        var shared = await FindSharedAsync(from, to, changed, cancellationToken).ConfigureAwait(false);
        var files = BaseChoice.Choose(
            from, to, changed, file => shared.TryGetValue(file.Entry, out var most) ? most : null);
        return new PairedReleases(pair, from, to, files);
    }

    /// <summary>For each changed file of a new path, the old file that shares most of its chunks.</summary>
    /// <remarks>A file of one chunk shares it with none, else it were not changed.</remarks>
    private async Task<Dictionary<uint, (uint Entry, long Bytes)>> FindSharedAsync(
        ReleaseListing from, ReleaseListing to, IReadOnlyList<ReleaseFile> changed, CancellationToken cancellationToken)
    {
        var shared = new Dictionary<uint, (uint, long)>();
        var strange = BaseChoice.FindStrange(from, changed).Where(file => file.Recipe is not null).ToList();
        if (strange.Count == 0) return shared;

        var overlap = new ChunkOverlap();
        foreach (var file in from.Files.DistinctBy(file => file.Digest))
        {
            overlap.Add(file.Entry, await releases.GetChunksAsync(file, from.Cut, cancellationToken)
                .ConfigureAwait(false));
        }

        foreach (var file in strange)
        {
            var chunks = await releases.GetChunksAsync(file, to.Cut, cancellationToken).ConfigureAwait(false);
            if (overlap.FindMost(chunks) is { } most) shared[file.Entry] = most;
        }

        return shared;
    }
}
