namespace ChunkOta.Storage;

/// <summary>The part of a <see cref="Store"/> that brings releases in. Any number of publishes at once.</summary>
public sealed class StorePublishing : IDisposable
{
    private readonly ICatalogue _catalogue;
    private readonly IObjectStore _objects;
    private readonly PackWriterPool _writers;

    internal StorePublishing(
        ICatalogue catalogue, IPrunableObjectStore objects, StoreReading reading, DamageWatch watch,
        StoreOptions options)
    {
        (_catalogue, _objects) = (catalogue, objects);
        _writers = new PackWriterPool(options.PacksAtOnce, options.PacksPerCaller, options.Clock);
        Committer = new ReleaseCommitter(
            objects, catalogue, options.ManifestLimits, options.MaxReleaseBytes, watch, options.Clock);
        Files = new StoredFiles(catalogue, reading.Releases);
        Documents = new DocumentCopies(objects, catalogue);
    }

    /// <summary>Verifies a publish and makes its release visible.</summary>
    public ReleaseCommitter Committer { get; }

    /// <summary>Finds the files that need not be sent.</summary>
    public StoredFiles Files { get; }

    /// <summary>Copies trust roots and channel pointers.</summary>
    public DocumentCopies Documents { get; }

    /// <summary>Begins a stream of frames.</summary>
    /// <param name="publish">The publish that sends them.</param>
    /// <param name="caller">The caller whose share of the packs it uses.</param>
    public FrameIntake OpenFrames(PublishLease publish, string caller) =>
        new(_objects, _catalogue, _writers, publish, caller);

    /// <summary>Begins a stream of recipes.</summary>
    /// <param name="publish">The publish that sends them.</param>
    public RecipeIntake OpenRecipes(PublishLease publish) => new(_objects, _catalogue, publish);

    /// <summary>Frees the buffers of packs.</summary>
    public void Dispose() => _writers.Dispose();
}
