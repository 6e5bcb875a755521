using System.Diagnostics.Metrics;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Shows the newest sample of the store, and the updates that run now, as gauges.</summary>
/// <remarks>A collection reads memory alone, so no reader of the metrics can load the store.</remarks>
internal sealed class StoreGauges
{
    private volatile StoreSample? _sample;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The server's meter.</param>
    /// <param name="readRunning">Reads the updates that run now.</param>
    public StoreGauges(Meter meter, Func<RunningFigures> readRunning)
    {
        AddReady(meter);
        AddStore(meter);
        AddQueue(meter);
        AddExpiry(meter);
        AddScrubs(meter);
        AddCollection(meter);
        meter.CreateObservableGauge(
            "chunkota.update.running", () => (long)readRunning().Devices, "{device}",
            "Devices that update now and tell this server of their progress.");
        meter.CreateObservableGauge(
            "chunkota.update.waiting", () => (long)readRunning().Waiting, "{device}",
            "Of these, devices whose update waits for something.");
    }

    /// <summary>Replaces the sample.</summary>
    public void Show(StoreSample sample) => _sample = sample;

    private void AddReady(Meter meter) => meter.CreateObservableGauge<int>(
        "chunkota.store.ready",
        () => _sample is { } sample
            ?
            [
                ReadyOf(StorePart.Catalogue, sample.IsCatalogueReady),
                ReadyOf(StorePart.Objects, sample.IsObjectStoreReady),
            ]
            : Array.Empty<Measurement<int>>(),
        null, "1 while the part of the store answers within 10 s, else 0.");

    private void AddStore(Meter meter)
    {
        Add(meter, "chunkota.store.size", "By", "Bytes of all packs.", sample => sample.Store?.StoredBytes);
        Add(meter, "chunkota.store.content", "By", "Plain bytes of all chunks.", sample => sample.Store?.PlainBytes);
        Add(meter, "chunkota.store.chunks", "{chunk}", "Distinct chunks.", sample => sample.Store?.Chunks);
        Add(meter, "chunkota.store.packs", "{pack}", "Packs.", sample => sample.Store?.Packs);
        Add(
            meter, "chunkota.store.free", "By", "Free bytes on the disk of the data folder.",
            sample => sample.FreeBytes);
        Add(meter, "chunkota.devices", "{device}", "Devices that are enrolled.", sample => sample.Store?.Devices);
        Add(
            meter, "chunkota.publish.leases", "{lease}", "Publishes in progress.",
            sample => sample.Store is null ? null : sample.Leases);
    }

    private void AddQueue(Meter meter)
    {
        meter.CreateObservableGauge<long>(
            "chunkota.delta.queue.length",
            () => _sample is { Queue: { } queue }
                ? [JobsOf("queued", queue.Queued), JobsOf("running", queue.Running), JobsOf("failed", queue.Failed)]
                : Array.Empty<Measurement<long>>(),
            "{job}", "Deltas to be built; failed ones are not tried again by themselves.");
        meter.CreateObservableGauge<double>(
            "chunkota.delta.queue.age",
            () => _sample is { Queue: not null } sample
                ? [new(sample.QueueAge.TotalSeconds)]
                : Array.Empty<Measurement<double>>(),
            "s", "Time that the oldest queued delta has waited.");
    }

    private void AddExpiry(Meter meter)
    {
        meter.CreateObservableGauge<double>(
            "chunkota.expiry.remaining",
            () => LeastLeft().Where(left => left.Time is not null)
                .Select(left => DaysOf(left.Document, left.Time.GetValueOrDefault())),
            "d", "Days until the first document of the kind expires; negative after it.");
        meter.CreateObservableGauge<int>(
            "chunkota.expiry.due",
            () => _sample is { Store: not null, Renewals: var due }
                ? [DueOf("root", due.Roots.Due), DueOf("pointer", due.Pointers.Due)]
                : Array.Empty<Measurement<int>>(),
            "{document}", "Trust roots and channel pointers that are due to be renewed or have expired.");
    }

    private void AddScrubs(Meter meter)
    {
        Add(
            meter, "chunkota.store.lost", "{object}", "Objects that are missing or damaged.",
            sample => sample.Store is null ? null : sample.LostObjects);
        meter.CreateObservableGauge<double>(
            "chunkota.scrub.age",
            () => Scrubs().Select(scrub => new Measurement<double>(scrub.Age.TotalSeconds, DepthOf(scrub.Depth))),
            "s", "Time since the last complete verification of the store.");
        meter.CreateObservableGauge<long>(
            "chunkota.scrub.objects",
            () => Scrubs().Select(scrub => new Measurement<long>(scrub.Pass.Objects, DepthOf(scrub.Depth))),
            "{object}", "Objects that it looked at.");
        meter.CreateObservableGauge<long>(
            "chunkota.scrub.damaged",
            () => Scrubs().Select(scrub => new Measurement<long>(scrub.Pass.Damaged, DepthOf(scrub.Depth))),
            "{object}", "Objects that it found missing or damaged.");
        meter.CreateObservableGauge<long>(
            "chunkota.scrub.size",
            () => Scrubs().Select(scrub => new Measurement<long>(scrub.Pass.Bytes, DepthOf(scrub.Depth))),
            "By", "Bytes that it read.");
    }

    private void AddCollection(Meter meter)
    {
        meter.CreateObservableGauge<double>(
            "chunkota.collection.age",
            () => _sample?.CollectionAge is { } age ? [new(age.TotalSeconds)] : Array.Empty<Measurement<double>>(),
            "s", "Time since the last collection ended.");
        Add(
            meter, "chunkota.collection.failed", null, "1 when the last collection failed, else 0.",
            sample => Ended(sample) is { } last ? last.Error.Length > 0 ? 1 : 0 : null);
        Add(
            meter, "chunkota.collection.freed", "By", "Bytes of the objects that it deleted.",
            sample => Ended(sample)?.Figures.Bytes);
        Add(
            meter, "chunkota.condemned.chunks", "{chunk}",
            "Chunks that no release has, removed once no publish can need them.",
            sample => sample.Collection?.CondemnedChunks);
        Add(
            meter, "chunkota.condemned.size", "By", "Their stored bytes.",
            sample => sample.Collection is null ? null : sample.CondemnedBytes);
        Add(
            meter, "chunkota.trash.releases", "{release}", "Deleted releases that can come back.",
            sample => sample.Collection?.DeletedReleases);
        Add(
            meter, "chunkota.trash.objects", "{object}", "Objects that wait to be deleted.",
            sample => sample.Collection?.TrashedObjects);
        Add(meter, "chunkota.trash.size", "By", "Their bytes.", sample => sample.Collection?.TrashedBytes);
    }

    private static CollectionState? Ended(StoreSample sample) =>
        sample.Collection is { Ended: not null } last ? last : null;

    private IReadOnlyList<(ScrubDepth Depth, FinishedPass Pass, TimeSpan Age)> Scrubs() => _sample?.Scrubs ?? [];

    private (string Document, TimeSpan? Time)[] LeastLeft() => _sample is { } sample
        ?
        [
            ("root", sample.Renewals.Roots.Least), ("pointer", sample.Renewals.Pointers.Least),
            ("certificate", sample.Certificate),
        ]
        : [];

    private void Add(
        Meter meter, string name, string? unit, string description, Func<StoreSample, long?> read) =>
        meter.CreateObservableGauge<long>(
            name,
            () => _sample is { } sample && read(sample) is { } value
                ? [new(value)]
                : Array.Empty<Measurement<long>>(),
            unit, description);

    private static Measurement<int> ReadyOf(StorePart part, bool isReady) =>
        new(isReady ? 1 : 0, new KeyValuePair<string, object?>("chunkota.store.part", ServerMetrics.WordOf(part)));

    private static KeyValuePair<string, object?> DepthOf(ScrubDepth depth) =>
        new("chunkota.scrub.depth", depth == ScrubDepth.Full ? "full" : "quick");

    private static Measurement<long> JobsOf(string state, long jobs) =>
        new(jobs, new KeyValuePair<string, object?>("chunkota.job.state", state));

    private static Measurement<double> DaysOf(string document, TimeSpan left) =>
        new(left.TotalDays, new KeyValuePair<string, object?>("chunkota.document", document));

    private static Measurement<int> DueOf(string document, int due) =>
        new(due, new KeyValuePair<string, object?>("chunkota.document", document));
}
