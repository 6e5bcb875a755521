using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A plan to prune one product, or what a prune has done.</summary>
/// <param name="Versions">The installed versions to remove.</param>
/// <param name="StagingTrees">How many trees of interrupted runs there are to remove.</param>
public sealed record PrunePlan(IReadOnlyList<string> Versions, int StagingTrees)
{
    /// <summary>The releases that would be removed if they were not in use.</summary>
    public IReadOnlyList<KeptRelease> Kept { get; init; } = [];

    /// <summary>The remains of removed trees that cannot be removed yet, such as a mount point: one line for each tree.
    /// The next run tries again.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}

/// <summary>Removes releases that nobody will go back to, and what interrupted runs left.</summary>
/// <param name="product">The product; its lock is held.</param>
internal sealed class Pruner(LocalProduct product)
{
    /// <summary>Removes, or only plans.</summary>
    /// <param name="keep">How many releases stay; the current one and the one before always do.</param>
    /// <param name="isDryRun">Plan, and remove nothing.</param>
    public PrunePlan Run(int keep, bool isDryRun)
    {
        // Until a trial is over, what can be gone back to stays. Until a switch is recorded, the record does not know
        // what is current.
        if (product.States.Find() is not { Trial: null, Pending: null } state)
            return new PrunePlan([], 0);
        var ranked = state.ReleasesByUse();
        var gone = ranked[Math.Min(ranked.Count, Math.Max(keep, state.Previous is null ? 1 : 2))..];
        var uses = product.Destination.FindUses(gone);
        var kept = uses.Select(use => new KeptRelease(use.Key, use.Value)).ToList();
        gone.RemoveAll(release => uses.ContainsKey(release.Version));
        var unfinished = product.Destination.CountUnfinished();
        if (!isDryRun)
            Remove(gone, kept);
        kept.Sort((one, other) => string.CompareOrdinal(one.Version, other.Version));
        return new PrunePlan([.. gone.Select(release => release.Version)], unfinished)
        {
            Kept = kept,
            Left = isDryRun ? [] : Finish(state, gone),
        };
    }

    /// <summary>Takes the names of releases away; one that keeps its name is kept.</summary>
    private void Remove(List<InstalledRelease> gone, List<KeptRelease> kept)
    {
        foreach (var release in gone.ToArray())
        {
            if (product.Destination.Remove(release) is not { } why)
                continue;
            gone.Remove(release);
            kept.Add(new KeptRelease(release.Version, why));
        }
    }

    /// <summary>Removes files before anything is written, so that it works on a full disk.</summary>
    private List<string> Finish(ProductState state, List<InstalledRelease> gone)
    {
        List<string> left = [.. product.Destination.FinishRemovals(), .. product.Destination.RemoveUnfinished()];
        product.Deltas.Clear();
        foreach (var release in gone)
            state = state.Without(release.ManifestDigest);
        if (gone.Count > 0)
            product.States.Save(state);
        var manifests = new HashSet<Digest>();
        foreach (var release in state.Releases)
            manifests.Add(release.ManifestDigest);
        product.Manifests.KeepOnly(manifests);
        return left;
    }
}
