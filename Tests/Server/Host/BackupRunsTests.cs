using System.Diagnostics.Metrics;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Server;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChunkOta.Tests.Server;

/// <summary>Backups that the server makes by itself.</summary>
public sealed class BackupRunsTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DataFolder _data;
    private readonly ICatalogue _catalogue;
    private readonly BackupSettings _settings;

    public BackupRunsTests()
    {
        _data = DataFolder.Open(_folder["data"]);
        _catalogue = SqliteCatalogue.Open(_data.CataloguePath, TimeProvider.System);
        _settings = new BackupSettings { Folder = _folder["backup"], EveryHours = 1 };
    }

    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_backup_that_breaks_is_shown_and_does_not_end_the_server()
    {
        await AddPackAsync();
        using var meter = new Meter("backups");
        var shown = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = Listen(meter, value => shown.TrySetResult(value));
        using var runs = new BackupRuns(
            Maker(new BrokenReader()), TimeSpan.FromHours(1), new BackupGauge(meter), TimeProvider.System,
            NullLogger<BackupRuns>.Instance);

        await runs.StartAsync(default);
        while (!shown.Task.IsCompleted)
        {
            listener.RecordObservableInstruments();
            await Task.Delay(20);
        }

        Assert.Equal(1, await shown.Task);
        Assert.False(runs.ExecuteTask!.IsCompleted);
        await runs.StopAsync(default);
        // Whoever comes next finds no lease.
        Assert.NotNull(await _catalogue.Backups.BeginAsync());
    }

    [Fact]
    public async Task One_of_two_servers_makes_the_backup()
    {
        var maker = Maker(FileObjectStore.Open(_folder["objects"]));
        var lease = await _catalogue.Backups.BeginAsync();

        Assert.Null(await maker.RunIfDueAsync(TimeSpan.FromHours(1), default));
        await _catalogue.Backups.EndAsync(lease!.Value, null);
        Assert.NotNull(await maker.RunIfDueAsync(TimeSpan.FromHours(1), default));
        Assert.Null(await maker.RunIfDueAsync(TimeSpan.FromHours(1), default));
    }

    [Fact]
    public async Task A_place_that_another_process_uses_is_no_failure_of_the_server()
    {
        var maker = Maker(FileObjectStore.Open(_folder["objects"]));
        Directory.CreateDirectory(_folder["backup"]);
        using (FileLock.Acquire(_folder["backup/lock"]))
        {
            Assert.Null(await maker.RunIfDueAsync(TimeSpan.FromHours(1), default));
            Assert.False(await maker.PruneAsync(default));
            // An operator is told.
            var refusal = await Assert.ThrowsAsync<FileSystemException>(
                () => maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default));
            Assert.Equal("BUSY", refusal.Code);
        }

        Assert.NotNull(await maker.RunIfDueAsync(TimeSpan.FromHours(1), default));
    }

    [Fact]
    public async Task A_place_that_lost_its_backups_gets_another_one_only_by_hand()
    {
        var maker = Maker(FileObjectStore.Open(_folder["objects"]));
        _ = await maker.RunIfDueAsync(TimeSpan.FromHours(1), default);
        Assert.Null(await maker.FindGoneAsync(default));
        Directory.Move(_folder["backup"], _folder["unmounted"]);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => maker.FindWaitAsync(TimeSpan.FromHours(1), default));

        Assert.Contains("mount it", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(await maker.FindGoneAsync(default));
        _ = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default);
        Assert.True(await maker.FindWaitAsync(TimeSpan.FromHours(1), default) > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_backup_is_made_although_old_ones_stay_and_shown_as_failed_until_they_are_removed()
    {
        var clock = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        var maker = Maker(FileObjectStore.Open(_folder["objects"]), _settings with { Keep = 1 }, clock);
        _ = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default);
        var newer = new ObjectName(ObjectKind.Backup, Digest.Of("a newer program's"u8));
        var backups = FileObjectStore.OpenBackups(_folder["backup"]);
        await backups.PutAsync(newer, "other content"u8.ToArray());
        clock.Advance(TimeSpan.FromHours(1));
        using var meter = new Meter("pruning");
        var shown = -1;
        using var listener = Listen(meter, value => shown = value);
        using var runs = new BackupRuns(
            maker, TimeSpan.FromHours(1), new BackupGauge(meter), clock, NullLogger<BackupRuns>.Instance);

        var again = await runs.RunAsync(default);

        Assert.Equal(clock.GetUtcNow(), (await _catalogue.Backups.FindLastAsync())?.Taken);
        Assert.Equal(2, (await new BackupStore(backups).ListAsync(default)).Backups.Count);
        Assert.Equal((TimeSpan.FromMinutes(10), 1), (again, Read()));
        clock.Advance(again);
        Assert.Equal((TimeSpan.FromMinutes(10), 1), (await runs.RunAsync(default), Read()));
        await backups.DeleteAsync(newer);
        Assert.Equal((TimeSpan.FromMinutes(50), 0), (await runs.RunAsync(default), Read()));
        Assert.Single((await new BackupStore(backups).ListAsync(default)).Backups);

        int Read()
        {
            listener.RecordObservableInstruments();
            return shown;
        }
    }

    [Fact]
    public async Task A_backup_by_hand_tells_that_old_ones_stay()
    {
        var maker = Maker(FileObjectStore.Open(_folder["objects"]), _settings with { Keep = 1 });
        _ = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default);
        await FileObjectStore.OpenBackups(_folder["backup"]).PutAsync(
            new ObjectName(ObjectKind.Backup, Digest.Of("a newer program's"u8)), "other content"u8.ToArray());

        var outcome = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default);

        var failure = Assert.Throws<ChunkOtaException>(() => BackupReport.CheckPruned(outcome));
        Assert.Equal("OBJECT_DAMAGED", failure.Code);
        Assert.StartsWith("the backup was made, but", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_backups_go_before_the_copy_so_that_a_full_place_gets_space()
    {
        var maker = Maker(FileObjectStore.Open(_folder["objects"]));
        _ = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default);
        _ = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default);
        await AddPackAsync();
        var failing = Maker(new BrokenReader(), _settings with { Keep = 1 });

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => failing.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), default));

        var backups = new BackupStore(FileObjectStore.OpenReader(_folder["backup"]));
        Assert.Single((await backups.ListAsync(default)).Backups);
    }

    private Task<PackGain> AddPackAsync()
    {
        var chunk = new ChunkRef(Digest.Of("chunk"u8), 100);
        return _catalogue.Chunks.AddPackAsync(
            new PackContents(Digest.Of("pack"u8), 200, [new PackFrame(8, 100, 100, [chunk])]), Guid.NewGuid());
    }

    private BackupMaker Maker(IObjectReader objects, BackupSettings? settings = null, TimeProvider? clock = null) =>
        new(settings ?? _settings, _data, _catalogue, objects, clock ?? TimeProvider.System);

    private static MeterListener Listen(Meter meter, Action<int> use)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => use(value));
        listener.Start();
        return listener;
    }

    /// <summary>A store with a fault that nobody thought of.</summary>
    private sealed class BrokenReader : IObjectReader
    {
        public ValueTask ReadAsync(
            ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("broken");

        public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("broken");

        public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("broken");
    }
}
