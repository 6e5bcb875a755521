using System.Diagnostics;

namespace ChunkOta.Storage;

/// <summary>The steps of a collection, in order.</summary>
public enum CollectionPhase
{
    /// <summary>Deletes what no policy keeps, and gives up what was deleted long enough ago.</summary>
    Releases,

    /// <summary>Reads which recipes and chunks the releases have.</summary>
    Marking,

    /// <summary>Condemns all others.</summary>
    Condemning,

    /// <summary>Removes the rows of what was condemned.</summary>
    Removing,

    /// <summary>Rewrites packs that are mostly dead.</summary>
    Compacting,

    /// <summary>Looks for objects that no row refers to.</summary>
    Orphans,

    /// <summary>Deletes objects.</summary>
    Deleting,
}

/// <summary>The progress of a collection.</summary>
/// <param name="Phase">The step.</param>
/// <param name="Figures">The work so far.</param>
public readonly record struct CollectionProgress(CollectionPhase Phase, CollectionFigures Figures);

/// <summary>One collection that runs: its lease, its figures and what it works on.</summary>
/// <param name="catalogue">Rows.</param>
/// <param name="objects">Objects.</param>
/// <param name="options">Periods and limits.</param>
/// <param name="lease">Held until it is lost.</param>
/// <param name="progress">Told of each step.</param>
internal sealed class CollectionRun(
    ICatalogue catalogue, IPrunableObjectStore objects, CollectionOptions options, CollectionLease lease,
    IProgress<CollectionProgress> progress)
{
    private CollectionPhase _phase;
    private long _renewed = Stopwatch.GetTimestamp();

    public ICatalogue Catalogue => catalogue;

    public IPrunableObjectStore Objects => objects;

    public CollectionOptions Options => options;

    public CollectionLease Lease => lease;

    public CollectionFigures Figures { get; private set; } = new();

    /// <summary>Begins the next step.</summary>
    public void Begin(CollectionPhase phase)
    {
        _phase = phase;
        progress.Report(new CollectionProgress(phase, Figures));
    }

    /// <summary>Counts what was done.</summary>
    public void Count(Func<CollectionFigures, CollectionFigures> add)
    {
        Figures = add(Figures);
        progress.Report(new CollectionProgress(_phase, Figures));
    }

    /// <summary>Keeps the lease while a step only reads.</summary>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    public async ValueTask KeepAliveAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Stopwatch.GetElapsedTime(_renewed) < ICollectionCatalogue.Lease / 4) return;
        await catalogue.Collection.RenewAsync(lease, cancellationToken).ConfigureAwait(false);
        _renewed = Stopwatch.GetTimestamp();
    }
}
