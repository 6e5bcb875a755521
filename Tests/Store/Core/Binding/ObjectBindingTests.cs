using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Store.Model;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Binding;

public sealed class ObjectBindingTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private FileObjectStore _objects = null!;
    private ICatalogue _catalogue = null!;
    private ICatalogue _other = null!;

    public async ValueTask InitializeAsync()
    {
        _objects = FileObjectStore.Open(_folder["objects"]);
        (_catalogue, _other) = (Open("catalogue.db"), Open("other.db"));
        await ModelPublisher.CreateAsync(_catalogue, "app");
        await ModelPublisher.CreateAsync(_other, "app");
    }

    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        await _other.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Objects_stay_with_the_first_catalogue_that_is_used_with_them()
    {
        await BindAsync(_catalogue);

        await Assert.ThrowsAsync<ObjectsForeignException>(() => BindAsync(_other));

        await BindAsync(_catalogue);
        Assert.Equal((await _catalogue.FindIdAsync())?.ToString("n"), await _objects.FindMarkAsync());
        Assert.Null(await _other.FindIdAsync());
    }

    [Fact]
    public async Task Objects_without_a_mark_are_bound_to_the_catalogue_that_knows_them()
    {
        await PublishAsync(_catalogue);

        await Assert.ThrowsAsync<ObjectsForeignException>(() => BindAsync(_other));
        await BindAsync(_catalogue);
        File.Delete(_folder["objects/catalogue"]);
        await Assert.ThrowsAsync<ObjectsForeignException>(() => BindAsync(_other));
        await BindAsync(_catalogue);

        Assert.Equal((await _catalogue.FindIdAsync())?.ToString("n"), await _objects.FindMarkAsync());
    }

    [Fact]
    public async Task A_folder_that_lost_all_objects_is_not_taken_for_a_new_one()
    {
        await BindAsync(_catalogue);
        await PublishAsync(_catalogue);
        Directory.Delete(_folder["objects"], recursive: true);
        _objects = FileObjectStore.Open(_folder["objects"]);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => BindAsync(_catalogue));

        var id = (await _catalogue.FindIdAsync())!.Value.ToString("n");
        Assert.Contains("mount the disk", refusal.OperatorDetail, StringComparison.Ordinal);
        Assert.Contains(id, refusal.OperatorDetail, StringComparison.Ordinal);
        Assert.Null(await _objects.FindMarkAsync());
        // A restore fills it.
        await new ObjectBinding(_catalogue, _objects).BindEmptyAsync();
        Assert.Equal(id, await _objects.FindMarkAsync());
        // The operator says that they are lost.
        File.WriteAllText(_folder["objects/catalogue"], id + "\n");
        await BindAsync(_catalogue);
    }

    [Fact]
    public async Task A_backup_that_is_older_than_the_mark_gets_its_number()
    {
        await PublishAsync(_catalogue);
        await _catalogue.DisposeAsync();
        File.Copy(_folder["catalogue.db"], _folder["backup.db"]);
        _catalogue = Open("catalogue.db");
        await BindAsync(_catalogue);

        await using var backup = Open("backup.db");
        Assert.Null(await backup.FindIdAsync());
        await BindAsync(backup);

        Assert.Equal(await _catalogue.FindIdAsync(), await backup.FindIdAsync());
    }

    [Fact]
    public async Task A_rebuilt_catalogue_gets_the_number_of_the_lost_one()
    {
        await BindAsync(_catalogue);

        await new ObjectBinding(_other, _objects).TakeOverAsync();

        Assert.Equal(await _catalogue.FindIdAsync(), await _other.FindIdAsync());
        await BindAsync(_catalogue);
    }

    [Fact]
    public async Task A_collection_deletes_nothing_of_objects_that_another_catalogue_has_marked()
    {
        await BindAsync(_catalogue);
        await PublishAsync(_catalogue);
        // As when both were started at the same moment: the later mark stays.
        await _objects.PutMarkAsync((await _other.EnsureIdAsync(Guid.NewGuid())).ToString("n"));
        await ModelPublisher.PublishAsync(_other, _objects, "app", "1.0.0", 1, 3, 4);
        var before = await CountAsync();

        await Assert.ThrowsAsync<ObjectsForeignException>(() => CollectAsync(_catalogue));

        Assert.Equal(before, await CountAsync());
        Assert.StartsWith(
            "CONFIG_INVALID", (await _catalogue.Collection.ReadStateAsync()).Error, StringComparison.Ordinal);
    }

    private ICatalogue Open(string name) => SqliteCatalogue.Open(_folder[name], _clock);

    private Task BindAsync(ICatalogue catalogue) => new ObjectBinding(catalogue, _objects).BindAsync();

    private Task<NewRelease> PublishAsync(ICatalogue catalogue) =>
        ModelPublisher.PublishAsync(catalogue, _objects, "app", "1.0.0", 1, 1, 2);

    private Task<CollectionFigures?> CollectAsync(ICatalogue catalogue) => new Collector(
        catalogue, _objects, new CollectionOptions { Grace = TimeSpan.Zero, OrphanGrace = TimeSpan.Zero }, _clock,
        new ObjectBinding(catalogue, _objects)).RunAsync(new Progress<CollectionProgress>(), CancellationToken.None);

    private async Task<int> CountAsync()
    {
        var count = 0;
        foreach (var kind in Enum.GetValues<ObjectKind>())
            count += (await _objects.ListAsync(kind).ToListAsync()).Count;
        return count;
    }
}
