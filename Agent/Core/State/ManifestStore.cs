using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>The manifests and recipes of releases, installed or being written, by manifest digest.</summary>
/// <param name="home">The product's folder.</param>
internal sealed class ManifestStore(ProductHome home)
{
    private const int MaxManifestBytes = (64 * 1024 * 1024) + (64 * 1024);
    private const int MaxRecipesBytes = 512 * 1024 * 1024;
    private const string ManifestSuffix = ".manifest";
    private const string RecipesSuffix = ".recipes";
    private const string SpoolSuffix = ".spool";

    private (Digest Digest, Envelope Envelope)? _latest;

    /// <summary>Saves a manifest. When it returns, the manifest survives a power cut.</summary>
    /// <param name="digest">The digest of its payload.</param>
    /// <param name="manifest">The envelope, verified.</param>
    public void Save(Digest digest, Envelope manifest)
    {
        if (FindEnvelope(digest) is not null)
            return;
        AtomicFile.Replace(PathOf(digest, ManifestSuffix), SignedDocument.PartsOf(manifest), Permissions.Ordinary);
    }

    /// <summary>Finds a manifest's envelope; null when it is missing or damaged.</summary>
    /// <remarks>The one found last is kept in memory: it is asked for several times, and may be large.</remarks>
    /// <param name="digest">The digest of its payload.</param>
    public Envelope? FindEnvelope(Digest digest)
    {
        if (_latest is var (known, latest) && known == digest)
            return latest;
        var bytes = FindBounded(digest, ManifestSuffix, MaxManifestBytes);
        if (bytes is null)
            return null;
        try
        {
            var envelope = SignedDocument.Parse(bytes);
            if (SignedDocument.DigestOf(envelope) != digest)
                return null;
            _latest = (digest, envelope);
            return envelope;
        }
        catch (InvalidProtocolBufferException)
        {
            // A damaged file is as good as none: the manifest is fetched again.
            return null;
        }
    }

    /// <summary>Finds the contents of a release; null when its manifest is missing or damaged.</summary>
    /// <remarks>Its signatures are not verified again: they were verified before the digest was recorded.</remarks>
    /// <param name="digest">The digest of its manifest.</param>
    public ReleaseContents? FindContents(Digest digest)
    {
        if (FindEnvelope(digest) is not { } envelope)
            return null;
        var (head, entries) = ManifestEntries.Read(envelope.Payload.Memory, ManifestLimits.Default);
        return new ReleaseContents(head, entries, digest);
    }

    /// <summary>Saves the recipes of a release.</summary>
    /// <param name="digest">The digest of its manifest.</param>
    /// <param name="recipes">They replace those saved before, and what was spooled of them.</param>
    public void SaveRecipes(Digest digest, RecipeBundle recipes)
    {
        AtomicFile.Replace(PathOf(digest, RecipesSuffix), recipes.ToBytes(), Permissions.Ordinary);
        if (Fs.FindStatus(PathOf(digest, SpoolSuffix)) is not null)
            Fs.Unlink(PathOf(digest, SpoolSuffix));
    }

    /// <summary>Finds the recipes of a release, as far as they are here.</summary>
    /// <param name="digest">The digest of its manifest.</param>
    public RecipeBundle FindRecipes(Digest digest)
    {
        var recipes = RecipeBundle.Read(FindBounded(digest, RecipesSuffix, MaxRecipesBytes));
        recipes.AddAll(ReadSpool(digest).Whole);
        return recipes;
    }

    /// <summary>Opens the recipes of a release that come one after the other, until
    /// <see cref="SaveRecipes"/>.</summary>
    /// <param name="digest">The digest of its manifest.</param>
    /// <returns>The caller's to dispose of.</returns>
    public RecipeSpool OpenSpool(Digest digest) => new(PathOf(digest, SpoolSuffix), ReadSpool(digest));

    /// <summary>Lists the digests of all manifests that are here.</summary>
    public IEnumerable<Digest> List()
    {
        foreach (var (name, _) in Fs.FindNames(home.Manifests) ?? [])
        {
            if (name.EndsWith(ManifestSuffix, StringComparison.Ordinal)
                && Digest.TryParse(name[..^ManifestSuffix.Length], null, out var digest))
                yield return digest;
        }
    }

    /// <summary>Removes the manifests, recipes and seals of all other releases.</summary>
    /// <param name="kept">Digests of manifests.</param>
    public void KeepOnly(IReadOnlySet<Digest> kept)
    {
        foreach (var (name, _) in Fs.FindNames(home.Manifests) ?? [])
        {
            var stem = Path.GetFileNameWithoutExtension(name);
            var isOurs = name.EndsWith(ManifestSuffix, StringComparison.Ordinal)
                || name.EndsWith(RecipesSuffix, StringComparison.Ordinal)
                || name.EndsWith(SpoolSuffix, StringComparison.Ordinal)
                || name.EndsWith(ProductHome.SealSuffix, StringComparison.Ordinal);
            if (isOurs && Digest.TryParse(stem, null, out var digest) && !kept.Contains(digest))
                Fs.Unlink(Path.Combine(home.Manifests, name));
        }
    }

    private RecipeSpool.SpooledRecipes ReadSpool(Digest digest) =>
        RecipeSpool.Read(FindBounded(digest, SpoolSuffix, MaxRecipesBytes));

    /// <summary>Reads a file; one that is longer than any that this program writes is as good as none.</summary>
    private byte[]? FindBounded(Digest digest, string suffix, int maxBytes)
    {
        var path = PathOf(digest, suffix);
        return Fs.FindStatus(path) is { } status && status.Length > maxBytes
            ? null
            : DurableFile.FindBytes(path, maxBytes);
    }

    private string PathOf(Digest digest, string suffix) => Path.Combine(home.Manifests, $"{digest}{suffix}");
}
