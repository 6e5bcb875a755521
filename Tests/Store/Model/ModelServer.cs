using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model;

/// <summary>One process on the store, until it dies; its workers die with it.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _death = new();
    private readonly CrashingObjectStore _objects;

    public ModelServer(ICatalogue catalogue, IPrunableObjectStore objects, TimeProvider clock, TimeSpan grace)
    {
        Catalogue = catalogue;
        _objects = new CrashingObjectStore(objects, _death);
        Collector = new Collector(
            Catalogue, Objects,
            new CollectionOptions { Grace = grace, OrphanGrace = grace, CompactBelowPercent = 60 }, clock);
    }

    public ICatalogue Catalogue { get; }

    public IPrunableObjectStore Objects => _objects;

    public PackWriterPool Writers { get; } = new(8, 8, TimeProvider.System);

    public Collector Collector { get; }

    /// <summary>Is cancelled when the process dies.</summary>
    public CancellationToken Death => _death.Token;

    /// <summary>Dies after this many writes and deletions.</summary>
    public void DieAfter(int changes) => _objects.DieAfter(changes);

    public async ValueTask DisposeAsync()
    {
        await Catalogue.DisposeAsync();
        Writers.Dispose();
        _death.Dispose();
    }
}
