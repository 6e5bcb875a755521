namespace ChunkOta.Storage;

/// <summary>A server's store: a catalogue and an object store, joined by the parts that work on both.</summary>
/// <remarks>
/// Start reading here. A release comes in by <see cref="Publishing"/> and goes out by <see cref="Reading"/>;
/// <see cref="Deltas"/> makes and keeps the shortcuts between two releases, <see cref="Costs"/> says what an update
/// costs and why, and <see cref="Collection"/> frees what no release needs. Any number of callers at once. The store
/// owns its parts; the catalogue and the object store belong to its creator and must outlive it.
/// </remarks>
public sealed class Store : IDisposable
{
    private readonly FileAssembler _assembler;

    /// <summary>Joins a catalogue and an object store.</summary>
    /// <param name="catalogue">Open.</param>
    /// <param name="objects">Open; holds the objects that the catalogue names.</param>
    /// <param name="options">Limits, memory and the scratch folder.</param>
    public Store(ICatalogue catalogue, IPrunableObjectStore objects, StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(options);
        (Catalogue, Objects) = (catalogue, objects);
        Reading = new StoreReading(catalogue, objects, options);
        Scrubbing = new StoreScrubbing(catalogue, objects, Reading, options);
        Publishing = new StorePublishing(catalogue, objects, Reading, Scrubbing.Watch, options);
        _assembler = new FileAssembler(objects, catalogue.Chunks, Reading.Releases);
        var chunkCosts = new UpdateCosts(Reading.Releases, catalogue.Chunks);
        var pairing = new BasePairing(Reading.Releases);
        Deltas = new StoreDeltas(
            new DeltaCache(objects, catalogue.Deltas, options.DeltaCacheBytes),
            new DeltaBuilder(
                pairing, chunkCosts, _assembler, objects, options.ScratchFolder, options.DeltaBuildsAtOnce));
        Collection = new StoreGarbage(
            new Collector(catalogue, objects, options.Collection, options.Clock, options.Binding),
            new CollectionPlanner(catalogue, objects, options.Collection, options.Clock));
        Costs = new StoreCosts(
            chunkCosts,
            new UpdateExplainer(
                Reading.Releases, chunkCosts, pairing, Deltas.Cache, _assembler, options.ScratchFolder),
            new Forecaster(
                catalogue, Reading.Releases, chunkCosts, pairing, Deltas.Builder, options.ManifestLevel));
    }

    /// <summary>The catalogue: chunks, releases, publishes, identities and delta jobs.</summary>
    public ICatalogue Catalogue { get; }

    /// <summary>The stored objects, to serve their bytes unchanged.</summary>
    public IObjectReader Objects { get; }

    /// <summary>Brings a release in: frames and recipes first, then the commit that makes it visible.</summary>
    public StorePublishing Publishing { get; }

    /// <summary>Reads a visible release: its manifest, the frames of its chunks.</summary>
    public StoreReading Reading { get; }

    /// <summary>Finds what was lost, and the releases that it affects.</summary>
    public StoreScrubbing Scrubbing { get; }

    /// <summary>Builds deltas and keeps them within a bound.</summary>
    public StoreDeltas Deltas { get; }

    /// <summary>Frees what no release needs.</summary>
    public StoreGarbage Collection { get; }

    /// <summary>Measures, explains and forecasts updates.</summary>
    public StoreCosts Costs { get; }

    /// <summary>Frees what the parts keep between calls. No call may be running.</summary>
    public void Dispose()
    {
        Deltas.Builder.Dispose();
        Costs.Chunks.Dispose();
        _assembler.Dispose();
        Reading.Dispose();
        Publishing.Dispose();
        Scrubbing.Dispose();
    }
}
