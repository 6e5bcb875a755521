using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>What a prune removes.</summary>
/// <param name="Versions">Installed versions.</param>
/// <param name="StagingTrees">Trees that interrupted runs left.</param>
public sealed record PrunePlan(IReadOnlyList<string> Versions, int StagingTrees);

/// <summary>Removes releases that nobody will go back to, and what interrupted runs left.</summary>
/// <remarks>It removes only what the record or a digest for a name says is this agent's own. A tree loses its name
/// first and its files after, so that no half-removed release ever bears its name.</remarks>
/// <param name="home">The product's place; its lock is held.</param>
/// <param name="store">The record on disk.</param>
internal sealed class Pruner(ProductHome home, StateStore store)
{
    private const string RemovedPrefix = "removed-";

    /// <summary>Removes, or says what would be removed.</summary>
    /// <param name="keep">How many releases stay; the current one and the one before always do.</param>
    /// <param name="isDryRun">Only say.</param>
    public PrunePlan Run(int keep, bool isDryRun)
    {
        if (store.Find() is not { } state)
            return new PrunePlan([], 0);
        var ranked = state.ReleasesByUse();
        var gone = ranked[Math.Min(ranked.Count, Math.Max(keep, state.Previous is null ? 1 : 2))..];
        var staging = 0;
        foreach (var (_, kind) in Fs.FindNames(home.Staging) ?? [])
            staging += kind == FileKind.Directory ? 1 : 0;
        var plan = new PrunePlan([.. gone.Select(release => release.Version)], staging);
        if (isDryRun)
            return plan;
        foreach (var release in gone)
            state = Remove(state, release);
        foreach (var (name, _) in Fs.FindNames(home.Staging) ?? [])
        {
            if (name.StartsWith(RemovedPrefix, StringComparison.Ordinal) || Digest.TryParse(name, null, out _))
                Fs.RemoveTree(Path.Combine(home.Staging, name));
        }
        new DeltaFiles(home).Clear();
        var manifests = new HashSet<Digest>();
        foreach (var release in state.Releases)
            manifests.Add(release.ManifestDigest);
        new ManifestStore(home).KeepOnly(manifests);
        return plan;
    }

    private ProductState Remove(ProductState state, InstalledRelease release)
    {
        var removed = Path.Combine(home.Staging, RemovedPrefix + release.ManifestDigest);
        Fs.RemoveTree(removed);
        if (Fs.FindFacts(home.ReleaseOf(release.Version)) is not null)
            Fs.Rename(home.ReleaseOf(release.Version), removed);
        Fs.SyncDirectory(home.Releases);
        return store.Save(state.Without(release.ManifestDigest));
    }
}
