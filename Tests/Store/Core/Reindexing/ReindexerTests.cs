using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Store.Scrubbing;
using ChunkOta.Tests.Support;
using ServerStore = ChunkOta.Storage.Store;

namespace ChunkOta.Tests.Store.Reindexing;

/// <summary>Rebuilds from a disk with lost blocks.</summary>
public sealed class ReindexerTests
{
    [Theory]
    [InlineData(ObjectKind.Pack)]
    [InlineData(ObjectKind.Recipe)]
    [InlineData(ObjectKind.Manifest)]
    public async Task An_object_that_cannot_be_read_is_passed_over(ObjectKind kind)
    {
        await using var bench = await StoreBench.CreateAsync();
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000)));
        var whole = await bench.Objects.ListAsync(kind).ToListAsync();
        await bench.PublishAsync("1.1.0", Tree.Of(("b", 2, 600_000)));
        var lost = Assert.Single((await bench.Objects.ListAsync(kind).ToListAsync()).Except(whole));

        var report = await ReindexAsync(bench, lost, isAway: false);

        Assert.Equal(1, report.Releases);
        Assert.Contains(lost, report.Damaged.Concat(report.LeftOut.Select(left => left.Name)));
    }

    [Fact]
    public async Task A_store_that_is_away_stops_the_rebuild()
    {
        await using var bench = await StoreBench.CreateAsync();
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000)));
        var pack = Assert.Single(await bench.Objects.ListAsync(ObjectKind.Pack).ToListAsync());

        await Assert.ThrowsAsync<StoreUnavailableException>(() => ReindexAsync(bench, pack, isAway: true));
    }

    private static async Task<ReindexReport> ReindexAsync(StoreBench bench, ObjectName lost, bool isAway)
    {
        using var folder = new TemporaryFolder();
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], TimeProvider.System);
        var objects = new HookedObjectStore(bench.Objects)
        {
            OnRead = (name, _) => name == lost
                ? Task.FromException(new ObjectUnreadableException(name, "EIO"))
                : Task.CompletedTask,
            OnLook = (name, _) => name == lost && isAway
                ? Task.FromException(new StoreUnavailableException("the disk is gone"))
                : Task.CompletedTask,
        };
        using var store = new ServerStore(
            catalogue, objects, new StoreOptions { ScratchFolder = folder.Path });
        return await new Reindexer(catalogue, objects, store, ManifestLimits.Default).RunAsync(
            new Dictionary<string, IReadOnlyList<VerifiedRoot>> { ["tool"] = [bench.Root] }, new Progress<string>(),
            CancellationToken.None);
    }
}
