using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Backups;

/// <summary>Records of backups that cannot be read, or that are of several installations.</summary>
public sealed class BackupStoreTests : IDisposable
{
    private static readonly Guid Installation = new("3e0c6c1a-5b8f-4c61-9a39-0d8f8f0a7f11");

    private readonly TemporaryFolder _folder = new();
    private readonly StoreWithLostBlock _objects = new();

    private BackupStore Backups => new(_objects);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_record_that_cannot_be_read_does_not_hide_other_backups()
    {
        var older = await AddAsync(1);
        var newest = await AddAsync(2);
        _objects.Lost = RecordOf(newest);

        var list = await Backups.ListAsync(default);

        Assert.Equal(older.Name, Assert.Single(list.Backups).Name);
        Assert.Equal(RecordOf(newest), Assert.Single(list.Unreadable));
        Assert.Equal(older.Name, (await Backups.FindAsync(older.Name.ToString(), default)).Name);
    }

    [Fact]
    public async Task An_older_backup_is_not_taken_for_the_newest_one_while_another_one_cannot_be_read()
    {
        var older = await AddAsync(1);
        var newest = await AddAsync(2);
        Assert.Equal(newest.Name, (await Backups.FindAsync(null, default)).Name);
        _objects.Lost = RecordOf(newest);

        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => Backups.FindAsync(null, default));

        Assert.Equal("USAGE", refusal.Code);
        Assert.Contains(newest.Name.ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(older.Name, (await Backups.FindAsync(older.Name.ToString()[..12], default)).Name);
    }

    [Fact]
    public async Task A_store_that_goes_away_is_not_taken_for_a_damaged_record()
    {
        _objects.Lost = RecordOf(await AddAsync(1));
        _objects.GoesAway = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Backups.ListAsync(default));
    }

    [Fact]
    public async Task A_copy_of_the_catalogue_that_cannot_be_read_is_a_damaged_backup()
    {
        var backup = await AddAsync(1);
        _objects.Lost = backup.Record.CatalogueName;

        var refusal = await Assert.ThrowsAsync<ObjectDamagedException>(
            () => Backups.ReadCatalogueAsync(backup, _folder["catalogue.db"], default));

        Assert.Contains("choose another backup", refusal.OperatorDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_backup_goes_although_its_copy_of_the_catalogue_cannot_be_read()
    {
        var old = await AddAsync(1);
        var newest = await AddAsync(2);
        _objects.Lost = old.Record.CatalogueName;
        var pruning = new BackupPruning(_objects, _folder.Path, _ => throw new InvalidOperationException("lost"));

        Assert.Equal(1, await pruning.RunAsync(Installation, 1, default));

        Assert.Equal(newest.Name, Assert.Single((await Backups.ListAsync(default)).Backups).Name);
        Assert.Null(await _objects.FindLengthAsync(old.Record.CatalogueName));
    }

    [Fact]
    public async Task Nothing_is_removed_beside_another_installation_where_nothing_locks_the_place()
    {
        var old = await AddAsync(1);
        _ = await AddAsync(2);
        _ = await AddAsync(3, Guid.NewGuid());
        _objects.Lost = old.Record.CatalogueName;
        var pruning = new BackupPruning(_objects, _folder.Path, _ => throw new InvalidOperationException("lost"))
        {
            IsUnlocked = true,
        };

        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => pruning.RunAsync(Installation, 1, default));

        Assert.Equal("CONFIG_INVALID", refusal.Code);
        Assert.Contains("Backup:S3:Prefix", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await Backups.ListAsync(default)).Backups.Count);
        Assert.Equal(0, await pruning.RunAsync(Installation, 2, default));
    }

    /// <summary>Adds the record of a backup, and a copy of a catalogue that nobody opens.</summary>
    private async Task<StoredBackup> AddAsync(byte number, Guid? installation = null)
    {
        byte[] catalogue = [number];
        var digest = Digest.Of(catalogue);
        var record = new BackupRecord
        {
            Format = BackupRecord.NewestFormat,
            Installation = installation ?? Installation,
            Number = number,
            HighestNumber = 0,
            TakenUnixSeconds = 1_800_000_000 + number,
            Catalogue = digest.ToString(),
            CatalogueBytes = catalogue.Length,
            Objects = 0,
            Bytes = 0,
            Lost = 0,
            Files = new Dictionary<string, byte[]>(),
        };
        var content = record.ToBytes();
        var backup = new StoredBackup(Digest.Of(content), record);
        await _objects.PutAsync(record.CatalogueName, catalogue);
        await _objects.PutAsync(RecordOf(backup), content);
        return backup;
    }

    private static ObjectName RecordOf(StoredBackup backup) => new(ObjectKind.Backup, backup.Name);

    /// <summary>A store in memory that cannot read one of its objects.</summary>
    private sealed class StoreWithLostBlock : IPrunableObjectStore
    {
        private readonly MemoryObjectStore _inner = new();
        private bool _isAway;

        /// <summary>The object.</summary>
        public ObjectName? Lost { get; set; }

        /// <summary>The first failed read is that of a store that goes away.</summary>
        public bool GoesAway { get; set; }

        public ValueTask ReadAsync(
            ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            if (name != Lost) return _inner.ReadAsync(name, offset, destination, cancellationToken);
            _isAway = GoesAway;
            throw new ObjectUnreadableException(name, "EIO");
        }

        public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
            _isAway
                ? throw new StoreUnavailableException("the store is gone")
                : _inner.FindLengthAsync(name, cancellationToken);

        public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
            _inner.ListAsync(kind, cancellationToken);

        public Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default) =>
            _inner.PutAsync(name, content, cancellationToken);

        public Task PutManyAsync(
            IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default) =>
            _inner.PutManyAsync(objects, cancellationToken);

        public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default) =>
            _inner.DeleteAsync(name, cancellationToken);
    }
}
