using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A tree on this disk that may hold wanted bytes.</summary>
/// <param name="Files">Its files.</param>
/// <param name="Manifest">The digest of its manifest; null when it is not known.</param>
/// <param name="ReadContents">Reads its manifest; null when that is lost. Not kept: it may be large.</param>
/// <param name="Recipes">The recipes of its files, as far as they are known.</param>
/// <param name="IsComplete">An installed release; else one that a run was interrupted in.</param>
/// <param name="IsCurrent">The release that <c>current</c> points to.</param>
internal sealed record SeedTree(
    ISeedFiles Files,
    Digest? Manifest,
    Func<ReleaseContents?> ReadContents,
    RecipeBundle Recipes,
    bool IsComplete,
    bool IsCurrent) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Files.Dispose();
}

/// <summary>The trees of one product: installed releases, the current one first, then unfinished ones.</summary>
internal static class SeedTrees
{
    /// <summary>Opens all of them.</summary>
    /// <param name="home">The product's folder.</param>
    /// <param name="state">The record of what is installed; null when nothing is.</param>
    /// <param name="manifests">Their manifests and recipes.</param>
    /// <returns>Trees, each the caller's to dispose of.</returns>
    public static IReadOnlyList<SeedTree> Open(ProductHome home, ProductState? state, ManifestStore manifests)
    {
        var seeds = new List<SeedTree>();
        foreach (var release in state?.ReleasesByUse() ?? [])
        {
            if (TreeFiles.TryOpenTree(home.ReleaseOf(release.Version)) is not { } tree)
                continue;
            var digest = release.ManifestDigest;
            seeds.Add(new SeedTree(
                new TreeSeedFiles(tree),
                digest,
                () => manifests.FindContents(digest),
                manifests.FindRecipes(digest),
                IsComplete: true,
                IsCurrent: digest == state?.Current));
        }
        foreach (var (name, kind) in Fs.FindNames(home.Staging) ?? [])
        {
            // Any other directory is the rest of a removed release, which may be somebody's data.
            if (kind != FileKind.Directory || !Digest.TryParse(name, null, out var digest)
                || TreeFiles.TryOpenTree(Path.Combine(home.Staging, name)) is not { } tree)
                continue;
            seeds.Add(new SeedTree(
                new TreeSeedFiles(tree),
                digest,
                () => manifests.FindContents(digest),
                manifests.FindRecipes(digest),
                IsComplete: false,
                IsCurrent: false));
        }
        return seeds;
    }
}
