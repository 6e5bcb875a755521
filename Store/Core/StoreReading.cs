namespace ChunkOta.Storage;

/// <summary>The part of a <see cref="Store"/> that gives releases out. Any number of calls at once.</summary>
public sealed class StoreReading : IDisposable
{
    internal StoreReading(ICatalogue catalogue, IObjectReader objects, StoreOptions options)
    {
        Releases = new ReleaseReader(
            objects, catalogue.Identities, options.ManifestCacheBytes, options.RecipeCacheBytes);
        Chunks = new ChunkFetcher(objects, catalogue, Releases, options.GatherLevel, options.ReadsAhead);
        Signed = new SignedManifests(Releases, catalogue.Identities);
        Manifests = new SentManifests(Signed, options.ManifestLevel, options.ManifestCacheBytes / 2);
    }

    /// <summary>Manifests, file lists and recipes, verified by their names and cached.</summary>
    public ReleaseReader Releases { get; }

    /// <summary>Manifests with their signatures verified.</summary>
    public SignedManifests Signed { get; }

    /// <summary>The frames that hold wanted chunks of a release.</summary>
    public ChunkFetcher Chunks { get; }

    /// <summary>Manifests as they are sent: compressed, against the one that the device holds.</summary>
    public SentManifests Manifests { get; }

    /// <summary>Frees what is kept between fetches.</summary>
    public void Dispose() => Chunks.Dispose();
}
