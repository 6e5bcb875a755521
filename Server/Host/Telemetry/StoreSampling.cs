using System.Diagnostics;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Reads the figures of the store at the start and every 15 seconds.</summary>
/// <remarks>A failure shows in the figures themselves, and so does a part of the store that does not answer within ten
/// seconds; the part of the server that needs the store logs it. Figures that take long are those of the last
/// reading.</remarks>
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

    /// <summary>The longest wait for a part of the store, after which it counts as not ready.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Figures of a large catalogue take long: they are read for a tenth of the time at most.</summary>
    private const int RestFactor = 9;

    private static readonly ObjectName Probe = ObjectName.Manifest(default(Digest));

    private readonly TimedReading<bool> _catalogue = new(Limit, TimeProvider.System);
    private readonly TimedReading<bool> _objects = new(Limit, TimeProvider.System);
    private readonly TimedReading<long?> _free = new(Limit, TimeProvider.System);
    private readonly TimedReading<StoreSample> _reading = new(Limit, TimeProvider.System);
    private volatile StoreSample _figures = new();
    private CondemnedMeasure _condemned;
    private long _read;
    private TimeSpan _took;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do gauges.Show(await ReadAsync(stoppingToken));
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<StoreSample> ReadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var catalogue = _catalogue.ReadAsync(AskCatalogueAsync, false, cancellationToken);
        var objects = _objects.ReadAsync(AskObjectsAsync, false, cancellationToken);
        var free = _free.ReadAsync(_ => Task.FromResult(FindFreeBytes()), null, cancellationToken);
        var figures = _reading.ReadAsync(ReadFiguresAsync, _figures, cancellationToken);
        await Task.WhenAll(catalogue, objects, free, figures);
        return (await catalogue ? await figures : new StoreSample()) with
        {
            Certificate = certificate?.Current.Leaf.NotAfter.ToUniversalTime() - now.UtcDateTime,
            FreeBytes = await free,
            IsCatalogueReady = await catalogue,
            IsObjectStoreReady = await objects,
        };
    }

    private async Task<bool> AskCatalogueAsync(CancellationToken cancellationToken)
    {
        _ = await store.Catalogue.Identities.FindProductAsync("health", cancellationToken);
        return true;
    }

    private async Task<bool> AskObjectsAsync(CancellationToken cancellationToken)
    {
        _ = await store.Objects.FindLengthAsync(Probe, cancellationToken);
        return true;
    }

    /// <summary>The figures of the catalogue, or the last ones as long as it rests.</summary>
    private async Task<StoreSample> ReadFiguresAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        if (Stopwatch.GetElapsedTime(_read, began) < RestFactor * _took) return _figures;
        try
        {
            _figures = await ReadCatalogueAsync(clock.GetUtcNow(), cancellationToken);
        }
        catch
        {
            _figures = new StoreSample();
            throw;
        }

        (_read, _took) = (Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(began));
        return _figures;
    }

    private async Task<StoreSample> ReadCatalogueAsync(DateTimeOffset now, CancellationToken cancellationToken)
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
        };
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
