using ChunkOta.Chunking;
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
    [InlineData(ObjectKind.Pack, false)]
    [InlineData(ObjectKind.Recipe, false)]
    [InlineData(ObjectKind.Manifest, false)]
    [InlineData(ObjectKind.Pack, true)]
    [InlineData(ObjectKind.Recipe, true)]
    [InlineData(ObjectKind.Manifest, true)]
    public async Task An_object_that_cannot_be_read_is_passed_over(ObjectKind kind, bool isIsolated)
    {
        await using var bench = await StoreBench.CreateAsync(isIsolated: isIsolated);
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

    [Theory]
    [InlineData(true, 600_000, false, true)]
    [InlineData(true, 100, false, true)]
    [InlineData(false, 600_000, true, false)]
    [InlineData(true, 0, true, true)]
    [InlineData(false, 0, false, false)]
    public async Task A_product_is_isolated_as_its_content_is_and_without_content_as_the_server_is_set(
        bool wasIsolated, int fileBytes, bool isolatesNew, bool isIsolated)
    {
        await using var bench = await StoreBench.CreateAsync(isIsolated: wasIsolated);
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, fileBytes)));
        using var folder = new TemporaryFolder();
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], TimeProvider.System);
        using var store = new ServerStore(
            catalogue, bench.Objects, new StoreOptions { ScratchFolder = folder.Path });

        var report = await new Reindexer(catalogue, bench.Objects, store, ManifestLimits.Default, isolatesNew).RunAsync(
            new Dictionary<string, IReadOnlyList<VerifiedRoot>> { ["tool"] = [bench.Root] }, new Progress<string>(),
            CancellationToken.None);

        Assert.Equal(1, report.Releases);
        Assert.Equal(isIsolated, (await catalogue.Identities.FindProductAsync("tool"))!.IsIsolated);
        var pass = await store.Scrubbing.Scrubber.RunAsync(ScrubDepth.Full, default);
        Assert.Equal(0, pass!.Damaged);
    }

    [Fact]
    public async Task Of_several_domains_a_product_gets_the_one_that_has_its_newest_release()
    {
        await using var bench = await StoreBench.CreateAsync(isIsolated: true);
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000), ("b", 2, 100)));
        for (var seed = 10; seed < 18; seed++) await AddStrayPackAsync(bench, seed);
        using var folder = new TemporaryFolder();
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], TimeProvider.System);
        using var store = new ServerStore(
            catalogue, bench.Objects, new StoreOptions { ScratchFolder = folder.Path });

        var report = await new Reindexer(catalogue, bench.Objects, store, ManifestLimits.Default, false).RunAsync(
            new Dictionary<string, IReadOnlyList<VerifiedRoot>> { ["tool"] = [bench.Root] }, new Progress<string>(),
            CancellationToken.None);

        Assert.Equal(1, report.Releases);
        Assert.Equal(
            (await bench.Catalogue.Identities.FindProductAsync("tool"))!.Domain,
            (await catalogue.Identities.FindProductAsync("tool"))!.Domain);
    }

    /// <summary>Stores a pack of a domain that the product has no more.</summary>
    private static async Task AddStrayPackAsync(StoreBench bench, int seed)
    {
        using var encoder = new ZstdEncoder(1);
        using var writer = new PackWriter();
        var chunks = Tree.Of(("stray", seed, 100)).Files[0].Chunks;
        writer.Reset(DedupDomain.Create("tool"));
        writer.Add(Frames.Encode(chunks, encoder).Frame, chunks);
        var pack = writer.Seal();
        await bench.Objects.PutAsync(pack.Name, pack.Bytes);
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
        return await new Reindexer(catalogue, objects, store, ManifestLimits.Default, isolatesNew: false).RunAsync(
            new Dictionary<string, IReadOnlyList<VerifiedRoot>> { ["tool"] = [bench.Root] }, new Progress<string>(),
            CancellationToken.None);
    }
}
