using System.Diagnostics.Metrics;
using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Server;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using ChunkOta.Tests.Store;
using ChunkOta.Tests.Support;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ChunkOta.Tests.Server.Telemetry;

public sealed class ServerMetricsTests
{
    private static readonly ReleaseFigures Figures = new()
    {
        LogicalBytes = 100,
        Files = 1,
        Chunks = 3,
        DistinctChunks = 3,
        DistinctPlainBytes = 100,
        NewChunks = 1,
        NewPlainBytes = 30,
        NewStoredBytes = 20,
    };

    /// <summary>The words by which Prometheus spells units.</summary>
    private static readonly Dictionary<string, string> UnitWords =
        new() { ["By"] = "_bytes", ["s"] = "_seconds", ["d"] = "_days" };

    [Fact]
    public void Every_instrument_is_documented()
    {
        using var metrics = new ServerMetrics();
        var attributes = new Dictionary<Instrument, SortedSet<string>>();
        using var listener = Listen(metrics.Meter, attributes);

        UseAll(metrics);
        listener.RecordObservableInstruments();

        Golden.EqualSection("docs/monitoring.md", "metrics", Table(attributes));
        var page = File.ReadAllText(Repository.PathOf("docs/monitoring.md"));
        Assert.All(
            attributes.Values.SelectMany(keys => keys),
            key => Assert.Contains($"\n| `{key}` | ", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Counting_what_is_sent_allocates_nothing()
    {
        using var metrics = new ServerMetrics();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(ServerMetrics.MeterName)
            .AddPrometheusExporter().Build();

        var allocated = Allocations.Of(() =>
        {
            for (var batch = 0; batch < 1000; batch++) metrics.Sent(SentContent.Chunks, 65_536);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Measuring_a_read_of_the_store_allocates_nothing()
    {
        using var metrics = new ServerMetrics();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(ServerMetrics.MeterName)
            .AddPrometheusExporter().Build();
        var inner = new MemoryObjectStore();
        var name = ObjectName.Pack(Digest.Of("pack"u8));
        await inner.PutManyAsync([new ObjectContent(name, new byte[100])]);
        var measured = new MeasuredObjectStore(inner, metrics);
        var destination = new byte[100];

        var allocated = Allocations.Of(() =>
        {
            for (var read = 0; read < 100; read++)
                Assert.True(measured.ReadAsync(name, 0, destination).AsTask().IsCompletedSuccessfully);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task A_lost_object_is_an_error_of_the_object_store()
    {
        using var metrics = new ServerMetrics();
        var errors = new List<string?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, metrics.Meter) && instrument.Name == "chunkota.store.errors")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => errors.AddRange(
            tags.ToArray().Select(tag => tag.Value as string)));
        listener.Start();
        var measured = new MeasuredObjectStore(new MemoryObjectStore(), metrics);

        await Assert.ThrowsAsync<ObjectMissingException>(
            async () => await measured.ReadAsync(ObjectName.Pack(Digest.Of("none"u8)), 0, new byte[1]));

        Assert.Equal(["objects", "STORE_UNAVAILABLE"], errors);
    }

    [Fact]
    public void What_devices_claim_is_counted_under_fixed_words()
    {
        using var metrics = new ServerMetrics();
        var values = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, metrics.Meter)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var (_, value) in tags) values.Add((string)value!);
        });
        listener.Start();

        foreach (var number in (int[])[int.MinValue, -1, 0, 1, 7, 1000, int.MaxValue]) metrics.Reported(number, number);

        Assert.Equal(["auth", "idle", "other"], values.Order());
    }

    private static void UseAll(ServerMetrics metrics)
    {
        metrics.Begin();
        metrics.Published(Figures, isAlreadyPublished: false);
        metrics.Reported((int)Protos.V1.DeviceState.Failed, (int)Protos.V1.FailureCause.Disk);
        metrics.DeltaBuilt(DeltaBuildOutcome.Stored, DeltaQuality.Best, TimeSpan.FromSeconds(1));
        metrics.ObjectCalled("read", TimeSpan.FromSeconds(1));
        metrics.Transacted(isWrite: true, TimeSpan.FromSeconds(1));
        metrics.Called("chunkota.v1.Devices/Report", "OK", TimeSpan.FromSeconds(1));
        new BackupGauge(metrics.Meter).Show(hasFailed: false);
        var gauges = new StoreGauges(metrics.Meter, () => new RunningFigures(1, 1, 1));
        gauges.Show(new StoreSample
        {
            Store = new StoreFigures(1, 1, 1, 1, 1, 1),
            Queue = new DeltaQueueFigures(1, 1, 1, null),
            Renewals = new RenewalFigures(new(TimeSpan.FromDays(1), 0), new(TimeSpan.FromDays(1), 0)),
            Scrubs = [(ScrubDepth.Full, new FinishedPass(default, 1, 1, 0, ""), TimeSpan.FromDays(1))],
            Certificate = TimeSpan.FromDays(1),
            FreeBytes = 1,
            Collection = new CollectionState { Ended = default(DateTimeOffset), Figures = new CollectionFigures() },
            CollectionAge = TimeSpan.FromDays(1),
            IsCatalogueReady = true,
        });
    }

    /// <summary>Notes the instruments of a meter, and the attributes of their measurements.</summary>
    private static MeterListener Listen(Meter meter, Dictionary<Instrument, SortedSet<string>> attributes)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (!ReferenceEquals(instrument.Meter, meter)) return;
                attributes.Add(instrument, new SortedSet<string>(StringComparer.Ordinal));
                listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (key, _) in tags) attributes[instrument].Add(key);
        }
    }

    private static string Table(Dictionary<Instrument, SortedSet<string>> attributes)
    {
        var table = new StringBuilder(
            "| metric | kind, unit | in Prometheus | attributes | meaning |\n|---|---|---|---|---|\n");
        foreach (var (instrument, keys) in attributes.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal))
        {
            var kind = KindOf(instrument);
            var unit = instrument.Unit is { } text ? $", `{text}`" : "";
            var prometheus = instrument.Name.Replace('.', '_') + UnitWords.GetValueOrDefault(instrument.Unit ?? "", "")
                + (kind == "counter" ? "_total" : "");
            table.Append(
                $"| `{instrument.Name}` | {kind}{unit} | `{prometheus}` "
                    + $"| {string.Join(", ", keys.Select(key => $"`{key}`"))} | {instrument.Description} |\n");
        }

        return table.ToString();
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" => "counter",
        "Histogram" => "histogram",
        "ObservableGauge" => "gauge",
        var other => throw new InvalidOperationException($"unknown kind of {instrument.Name}: {other}"),
    };
}
