using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A plan to prune one product.</summary>
/// <param name="Versions">The installed versions to remove.</param>
/// <param name="StagingTrees">How many trees of interrupted runs there are to remove.</param>
public sealed record PrunePlan(IReadOnlyList<string> Versions, int StagingTrees);

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
        var plan = new PrunePlan(
            [.. gone.Select(release => release.Version)], product.Destination.CountUnfinished());
        if (isDryRun)
            return plan;
        foreach (var release in gone)
        {
            product.Destination.Remove(release);
            state = product.States.Save(state.Without(release.ManifestDigest));
        }
        product.Destination.RemoveUnfinished();
        product.Deltas.Clear();
        var manifests = new HashSet<Digest>();
        foreach (var release in state.Releases)
            manifests.Add(release.ManifestDigest);
        product.Manifests.KeepOnly(manifests);
        return plan;
    }
}
