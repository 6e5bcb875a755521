using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Store.Scrubbing;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Backups;

/// <summary>Backups are proved by restoring them: what comes back is byte for byte what was there.</summary>
public sealed class BackupRunTests : IDisposable
{
    private static readonly Progress<ObjectFigures> Silent = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public BackupRunTests() => Directory.CreateDirectory(_folder["work"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_backup_made_while_releases_are_published_is_restored_byte_for_byte()
    {
        await using var bench = await CreateAsync();

        var publishing = PublishManyAsync(bench);
        var outcome = await BackUpAsync(bench);
        await publishing;
        Assert.Empty(await VerifyAsync(outcome.Backup));

        Assert.Empty(await RestoreAsync(_folder["restored"]));
        await using var restored = Open("restored");
        var releases = await restored.Releases.ListReleasesAsync(new ReleaseQuery { Product = "tool" });
        Assert.Contains(releases.Releases, release => release.Version == "1.0.0");
        var objects = FileObjectStore.OpenReader(Path.Combine(_folder["restored"], "objects"));
        Assert.Equal(outcome.Backup.Record.Objects, await CompareAsync(restored, objects, bench.Objects));
    }

    [Fact]
    public async Task A_second_backup_copies_only_what_is_new()
    {
        await using var bench = await CreateAsync();
        var first = await BackUpAsync(bench);
        await bench.PublishAsync("1.1.0", Tree.Of(("app", 21, 300_000), ("lib/b", 12, 50_000)));

        var second = await BackUpAsync(bench);
        var third = await BackUpAsync(bench);

        Assert.Equal(second.Backup.Record.Objects - first.Backup.Record.Objects, second.NewObjects);
        Assert.True(second.NewObjects > 0);
        Assert.Equal((0, 0), (third.NewObjects, third.NewBytes));
        Assert.Equal(3, (await Backups().ListAsync(default)).Backups.Count);
        Assert.Empty(await VerifyAsync(second.Backup));
        Assert.Empty(await VerifyAsync(first.Backup));
    }

    [Fact]
    public async Task An_object_that_the_server_lost_is_named_and_the_restored_server_knows_of_it()
    {
        await using var bench = await CreateAsync();
        var file = (await bench.FilesAsync(ObjectKind.Pack))[0];
        var bytes = File.ReadAllBytes(file);
        bytes[20] ^= 1;
        File.WriteAllBytes(file, bytes);

        var outcome = await BackUpAsync(bench);

        Assert.Equal(Path.GetFileName(file), Assert.Single(outcome.Lost).Name.Digest.ToString());
        Assert.Equal(1, outcome.Backup.Record.Lost);
        Assert.Single(await RestoreAsync(_folder["restored"]));
        await using var restored = Open("restored");
        Assert.Equal(1, await restored.Damage.CountAsync());
    }

    [Fact]
    public async Task Damage_of_a_backup_is_found_and_healed_by_the_next_one()
    {
        await using var bench = await CreateAsync();
        var outcome = await BackUpAsync(bench);
        var pack = Directory.GetFiles(_folder["backup/packs"], "*", SearchOption.AllDirectories)[0];
        var bytes = File.ReadAllBytes(pack);
        bytes[^1] ^= 1;
        File.WriteAllBytes(pack, bytes);

        Assert.Single(await VerifyAsync(outcome.Backup));
        Assert.Equal(1, (await BackUpAsync(bench, verifiesAll: true)).NewObjects);
        Assert.Empty(await VerifyAsync(outcome.Backup));
    }

    [Fact]
    public async Task A_damaged_catalogue_is_not_restored()
    {
        await using var bench = await CreateAsync();
        _ = await BackUpAsync(bench);
        var copy = Directory.GetFiles(_folder["backup/catalogues"], "*", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(copy);
        bytes[5000] ^= 1;
        File.WriteAllBytes(copy, bytes);

        var refusal = await Assert.ThrowsAsync<ObjectDamagedException>(() => RestoreAsync(_folder["restored"]));

        Assert.Contains("choose another backup", refusal.OperatorDetail, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder["restored"], "catalogue.db")));
    }

    [Fact]
    public async Task A_collection_that_removes_what_the_copy_of_the_catalogue_names_makes_it_copy_once_more()
    {
        var clock = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var bench = await CreateAsync(clock);
        await bench.PublishAsync("2.0.0", Tree.Of(("app", 31, 200_000)));
        var first = await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0");
        clock.Advance(IPublishLeases.Lifetime + IPublishLeases.Lifetime);
        var collecting = new ReaderWithAccident(bench.Objects, async () =>
        {
            await bench.Catalogue.Retention.DeleteAsync(first!.Manifest, isForced: true, DateTimeOffset.UnixEpoch);
            var options = new CollectionOptions { Grace = TimeSpan.Zero, OrphanGrace = TimeSpan.Zero };
            var figures = await new Collector(bench.Catalogue, bench.Objects, options, clock)
                .RunAsync(new Progress<CollectionProgress>(), default);
            Assert.Equal(1, figures?.Releases);
            clock.Advance(TimeSpan.FromSeconds(1));
        });

        var outcome = await BackUpAsync(bench, collecting);

        Assert.Empty(outcome.Lost);
        Assert.Empty(await VerifyAsync(outcome.Backup));
        Assert.Empty(await RestoreAsync(_folder["restored"]));
        await using var restored = Open("restored");
        Assert.Null(await restored.Releases.FindReleaseAsync("tool", "any", "1.0.0"));
        Assert.NotNull(await restored.Releases.FindReleaseAsync("tool", "any", "2.0.0"));
    }

    [Fact]
    public async Task A_restore_that_failed_half_way_goes_on_and_shows_no_catalogue_before_its_end()
    {
        await using var bench = await CreateAsync();
        var outcome = await BackUpAsync(bench);
        var failing = new ReaderWithAccident(
            FileObjectStore.OpenReader(_folder["backup"]), () => throw new StoreUnavailableException("cut off"),
            after: 3);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => RestoreAsync(_folder["restored"], failing));

        Assert.False(File.Exists(Path.Combine(_folder["restored"], "catalogue.db")));
        Assert.Empty(await RestoreAsync(_folder["restored"]));
        await using var restored = Open("restored");
        var last = await restored.Restores.FindLastAsync();
        Assert.Equal(outcome.Backup.Record.TakenUnixSeconds, last!.Taken.ToUnixTimeSeconds());
        Assert.True(last.LeastNumber > 1_000_000);
    }

    [Fact]
    public async Task Pruning_keeps_the_newest_backups_whole_and_removes_what_only_others_need()
    {
        var clock = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var bench = await CreateAsync(clock);
        _ = await BackUpAsync(bench);
        await bench.PublishAsync("1.1.0", Tree.Of(("app", 21, 300_000)));
        var first = await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0");
        await bench.Catalogue.Retention.DeleteAsync(first!.Manifest, isForced: true, DateTimeOffset.UnixEpoch);
        clock.Advance(TimeSpan.FromHours(2));
        var options = new CollectionOptions { Grace = TimeSpan.Zero, OrphanGrace = TimeSpan.Zero };
        _ = await new Collector(bench.Catalogue, bench.Objects, options, clock)
            .RunAsync(new Progress<CollectionProgress>(), default);
        var newest = await BackUpAsync(bench);
        var before = CountFiles();

        Assert.Equal(1, await PruneAsync(bench));

        Assert.True(CountFiles() < before);
        Assert.Equal(newest.Backup.Name, Assert.Single((await Backups().ListAsync(default)).Backups).Name);
        Assert.Empty(await VerifyAsync(newest.Backup));
        Assert.Equal(0, await PruneAsync(bench));
    }

    [Fact]
    public async Task Pruning_goes_on_with_a_backup_of_which_only_the_record_was_removed()
    {
        await using var bench = await CreateAsync();
        var first = await BackUpAsync(bench);
        await bench.PublishAsync("1.1.0", Tree.Of(("app", 21, 300_000)));
        var second = await BackUpAsync(bench);
        File.Delete(_folder[$"backup/{new ObjectName(ObjectKind.Backup, first.Backup.Name)}"]);

        Assert.Equal(0, await PruneAsync(bench));

        Assert.Single(Directory.GetFiles(_folder["backup/catalogues"], "*", SearchOption.AllDirectories));
        Assert.Empty(await VerifyAsync(second.Backup));
    }

    [Fact]
    public async Task Installations_that_share_a_place_leave_the_backups_of_the_other_alone()
    {
        await using var ours = await CreateAsync();
        await using var theirs = await StoreBench.CreateAsync();
        await theirs.PublishAsync("2.0.0", Tree.Of(("app", 71, 200_000), ("lib/b", 12, 50_000), ("lib/c", 13, 90_000)));
        var other = await BackUpAsync(theirs);
        _ = await BackUpAsync(ours);
        await ours.PublishAsync("1.1.0", Tree.Of(("app", 21, 300_000)));
        var newest = await BackUpAsync(ours);

        Assert.Equal(1, await PruneAsync(ours));

        Assert.Equal(2, (await Backups().ListAsync(default)).Backups.Count);
        Assert.Empty(await VerifyAsync(other.Backup));
        Assert.Empty(await VerifyAsync(newest.Backup));
        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => Backups().FindAsync(null, default));
        Assert.Equal("USAGE", refusal.Code);
        Assert.Contains("--backup", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_backup_is_the_last_one_that_was_made_whatever_the_clock_said()
    {
        await using var bench = await CreateAsync();
        _clock.Advance(TimeSpan.FromDays(3000));
        var ahead = await BackUpAsync(bench);
        _clock.Advance(TimeSpan.FromDays(-3000));

        var newest = await BackUpAsync(bench);

        Assert.True(newest.Backup.Record.TakenUnixSeconds < ahead.Backup.Record.TakenUnixSeconds);
        Assert.Equal(newest.Backup.Name, (await Backups().FindAsync(null, default)).Name);
        Assert.Equal(1, await PruneAsync(bench));
        Assert.Equal(newest.Backup.Name, (await Backups().FindAsync(null, default)).Name);
    }

    [Fact]
    public async Task A_pack_that_is_known_as_damaged_is_lost_until_it_is_healed()
    {
        await using var bench = await CreateAsync();
        var file = (await bench.FilesAsync(ObjectKind.Pack))[0];
        var intact = File.ReadAllBytes(file);
        FlipAt(file, 20);
        await bench.ScrubAsync(ScrubDepth.Full);

        Assert.Single((await BackUpAsync(bench)).Lost);

        var copy = Path.Combine(_folder["backup"], Path.GetRelativePath(bench.ObjectsFolder, file));
        Assert.False(File.Exists(copy));
        File.WriteAllBytes(file, intact);
        await bench.ScrubAsync(ScrubDepth.Full);
        var whole = await BackUpAsync(bench);
        Assert.Empty(whole.Lost);
        Assert.Equal(0, whole.Backup.Record.Lost);
        Assert.Empty(await VerifyAsync(whole.Backup));
        Assert.Equal(intact, File.ReadAllBytes(copy));
    }

    [Fact]
    public async Task What_the_server_lost_is_restored_from_an_earlier_backup_and_known_as_lost_no_more()
    {
        await using var bench = await CreateAsync();
        _ = await BackUpAsync(bench);
        foreach (var kind in new[] { ObjectKind.Manifest, ObjectKind.Recipe, ObjectKind.Pack })
            File.Delete((await bench.FilesAsync(kind))[0]);
        await bench.ScrubAsync(ScrubDepth.Full);
        Assert.Equal(3, await bench.Catalogue.Damage.CountAsync());

        Assert.Empty((await BackUpAsync(bench)).Lost);

        Assert.Empty(await RestoreAsync(_folder["restored"]));
        await using var restored = Open("restored");
        Assert.Equal(0, await restored.Damage.CountAsync());
        var objects = FileObjectStore.OpenReader(Path.Combine(_folder["restored"], "objects"));
        var backup = FileObjectStore.OpenBackups(_folder["backup"]);
        Assert.True(await CompareAsync(restored, objects, backup) >= 3);
    }

    [Fact]
    public async Task A_pack_whose_damaged_frames_nothing_needs_any_more_is_no_loss()
    {
        await using var bench = await CreateAsync();
        var file = (await bench.FilesAsync(ObjectKind.Pack))[0];
        FlipAt(file, 20);
        await bench.ScrubAsync(ScrubDepth.Full);
        await bench.PublishAsync("1.0.0");
        // Its other frames are needed still.
        Assert.Contains(file, await bench.FilesAsync(ObjectKind.Pack));
        Assert.Equal(0, await bench.Catalogue.Damage.CountAsync());

        var outcome = await BackUpAsync(bench);

        Assert.Empty(outcome.Lost);
        Assert.Empty(await VerifyAsync(outcome.Backup));
        Assert.Empty(await RestoreAsync(_folder["restored"]));
    }

    private async Task<int> PruneAsync(StoreBench bench) =>
        await new BackupPruning(FileObjectStore.OpenBackups(_folder["backup"]), _folder["work"], OpenCopy)
            .RunAsync((await bench.Catalogue.FindIdAsync())!.Value, 1, default);

    private static void FlipAt(string file, int offset)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[offset] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private int CountFiles() => Directory.GetFiles(_folder["backup"], "*", SearchOption.AllDirectories).Length;

    private static async Task<StoreBench> CreateAsync(TimeProvider? clock = null)
    {
        var bench = await StoreBench.CreateAsync(clock);
        await bench.PublishAsync("1.0.0", Tree.Of(("app", 11, 300_000), ("lib/b", 12, 50_000), ("lib/c", 13, 90_000)));
        return bench;
    }

    private static async Task PublishManyAsync(StoreBench bench)
    {
        for (var i = 1; i <= 8; i++)
            await bench.PublishAsync($"1.0.{i}", Tree.Of(("app", 40 + i, 200_000), ("lib/b", 12, 50_000)));
    }

    /// <summary>Compares every object that a catalogue names.</summary>
    /// <returns>Their number.</returns>
    private static async Task<long> CompareAsync(ICatalogue catalogue, IObjectReader one, FileObjectStore other)
    {
        var count = 0;
        foreach (var kind in new[] { ObjectKind.Pack, ObjectKind.Recipe, ObjectKind.Manifest })
        {
            foreach (var listed in await catalogue.Damage.ListObjectsAsync(kind, default, int.MaxValue))
            {
                var (left, right) = (new byte[listed.Bytes], new byte[listed.Bytes]);
                await one.ReadAsync(listed.Name, 0, left);
                await other.ReadAsync(listed.Name, 0, right);
                Assert.Equal(left, right);
                count++;
            }
        }

        return count;
    }

    private static ICatalogue OpenCopy(string path) => SqliteCatalogue.Open(path, TimeProvider.System);

    private ICatalogue Open(string name) => OpenCopy(Path.Combine(_folder[name], "catalogue.db"));

    private BackupStore Backups() => new(FileObjectStore.OpenReader(_folder["backup"]));

    private Task<BackupOutcome> BackUpAsync(
        StoreBench bench, IObjectReader? objects = null, bool verifiesAll = false)
    {
        _clock.Advance(TimeSpan.FromHours(1));
        return new BackupRun(
            bench.Catalogue, objects ?? bench.Objects, FileObjectStore.OpenBackups(_folder["backup"]), _folder["work"],
            OpenCopy, _clock)
            .RunAsync(new Dictionary<string, byte[]>(), verifiesAll, Silent, default);
    }

    private Task<IReadOnlyList<ObjectFinding>> VerifyAsync(StoredBackup backup) =>
        new BackupCheck(FileObjectStore.OpenReader(_folder["backup"]), _folder["work"], OpenCopy)
            .RunAsync(backup, Silent, default);

    private async Task<IReadOnlyList<ObjectFinding>> RestoreAsync(string path, IObjectReader? source = null)
    {
        using var data = DataFolder.Open(path);
        var from = source ?? FileObjectStore.OpenReader(_folder["backup"]);
        return await new Restoration(from, data, FileObjectStore.Open(data.ObjectsPath), OpenCopy)
            .RunAsync(await Backups().FindAsync(null, default), null, Silent, default);
    }

    /// <summary>A store where something happens before one of its reads, once.</summary>
    private sealed class ReaderWithAccident(IObjectReader inner, Func<Task> accident, int after = 0) : IObjectReader
    {
        private int _reads;

        public async ValueTask ReadAsync(
            ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _reads) == after + 1) await accident();
            await inner.ReadAsync(name, offset, destination, cancellationToken);
        }

        public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
            inner.FindLengthAsync(name, cancellationToken);

        public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
            inner.ListAsync(kind, cancellationToken);
    }
}
