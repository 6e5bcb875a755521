using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Reads the figures of the store at the start and every 15 seconds.</summary>
/// <remarks>A failure shows in the figures themselves; the part of the server that needs the store logs it.</remarks>
/// <param name="store">Is sampled.</param>
/// <param name="operations">Tell what is due to be renewed.</param>
/// <param name="data">The folder on whose disk free space is looked at.</param>
/// <param name="certificate">Null when TLS is off.</param>
/// <param name="gauges">Get the samples.</param>
/// <param name="clock">The time of day.</param>
internal sealed class StoreSampling(
    Store store, ServerOperations operations, DataFolder data, ServedCertificate? certificate, StoreGauges gauges,
    TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly ObjectName Probe = ObjectName.Manifest(default(Digest));

    private CondemnedMeasure _condemned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do gauges.Show(await ReadAsync(stoppingToken));
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<StoreSample> ReadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var sample = await ReadCatalogueAsync(now, cancellationToken) with
        {
            Certificate = certificate?.Current.Leaf.NotAfter.ToUniversalTime() - now.UtcDateTime,
            FreeBytes = FindFreeBytes(),
        };
        try
        {
            _ = await store.Objects.FindLengthAsync(Probe, cancellationToken);
            return sample with { IsObjectStoreReady = true };
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure: one that left this service would stop the server.
            return sample;
        }
    }

    private async Task<StoreSample> ReadCatalogueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var queue = await store.Catalogue.DeltaJobs.ReadFiguresAsync(cancellationToken);
            var collection = await store.Catalogue.Collection.ReadStateAsync(cancellationToken);
            return new StoreSample
            {
                Store = await store.Catalogue.Releases.ReadStoreFiguresAsync(cancellationToken),
                Queue = queue,
                QueueAge = now - (queue.OldestQueued ?? now),
                Leases = (await store.Catalogue.Publishes.ListAsync(cancellationToken)).Count,
                Renewals = await operations.Renewals.ReadFiguresAsync(cancellationToken),
                LostObjects = await store.Catalogue.Damage.CountAsync(cancellationToken),
                Scrubs = await ReadScrubsAsync(now, cancellationToken),
                Collection = collection,
                CollectionAge = now - collection.Ended,
                CondemnedBytes = await MeasureCondemnedAsync(collection, cancellationToken),
                IsCatalogueReady = true,
            };
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new StoreSample();
        }
    }

    private async Task<IReadOnlyList<(ScrubDepth, FinishedPass, TimeSpan)>> ReadScrubsAsync(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<(ScrubDepth, FinishedPass, TimeSpan)> passes = [];
        foreach (var depth in Enum.GetValues<ScrubDepth>())
        {
            if ((await store.Catalogue.Scrubs.ReadAsync(depth, cancellationToken)).Finished is { } pass)
                passes.Add((depth, pass, now - pass.At));
        }

        return passes;
    }

    /// <summary>Measures the condemned chunks, which takes a look at each, only when a collection has changed
    /// them.</summary>
    private async ValueTask<long> MeasureCondemnedAsync(
        CollectionState collection, CancellationToken cancellationToken)
    {
        var chunks = collection.CondemnedChunks;
        if (_condemned.Chunks != chunks || _condemned.Ended != collection.Ended)
        {
            var bytes = chunks == 0 ? 0 : await store.Catalogue.Collection.MeasureCondemnedAsync(cancellationToken);
            _condemned = new CondemnedMeasure(chunks, collection.Ended, bytes);
        }

        return _condemned.Bytes;
    }

    private long? FindFreeBytes()
    {
        try
        {
            return Fs.FreeBytes(data.Path);
        }
        catch (FileSystemException)
        {
            return null;
        }
    }

    /// <summary>Stored bytes of condemned chunks, and when they were measured: there were as many, after the same
    /// collection.</summary>
    private readonly record struct CondemnedMeasure(long Chunks, DateTimeOffset? Ended, long Bytes);
}
