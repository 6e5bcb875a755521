using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    private static readonly DedupDomain Apart = TestDomain.Of("apart");

    [Fact]
    public async Task A_product_is_isolated_or_not_for_as_long_as_it_lives()
    {
        Assert.True(await Catalogue.Identities.CreateProductAsync(Product("apart") with { Domain = Apart }));

        Assert.False(await Catalogue.Identities.CreateProductAsync(Product("apart")));
        Assert.False(await Catalogue.Identities.CreateProductAsync(Product("app") with { Domain = Apart }));

        await ReopenAsync();
        var products = await Catalogue.Identities.ListProductsAsync();
        Assert.Equal(
            [("apart", true, Apart), ("app", false, DedupDomain.Shared)],
            products.Where(product => product.Name is "apart" or "app").OrderByDescending(product => product.IsIsolated)
                .Select(product => (product.Name, product.IsIsolated, product.Domain)));
        Assert.Equal(DedupDomain.Shared, (await Begin()).Domain);
        var lease = await BeginApart("1.0.0");
        Assert.Equal(Apart, lease.Domain);
        Assert.Equal(Apart, (await Catalogue.Publishes.RenewAsync(lease.Id)).Domain);
    }

    [Fact]
    public async Task A_chunk_of_one_domain_is_missing_in_all_others()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        Assert.Equal(0, await MissingIn(DedupDomain.Shared));
        Assert.Equal(2, await MissingIn(Apart));

        var gain = await Catalogue.Chunks.AddPackAsync(In(Apart, Pack([100], [200])), Guid.NewGuid());

        Assert.Equal(new PackGain(2, 300), gain);
        Assert.Equal(0, await MissingIn(Apart));
        Assert.Equal(2, await MissingIn(TestDomain.Of("other")));
        var (shared, isolated) = (new ChunkLocation[2], new ChunkLocation[2]);
        await Catalogue.Chunks.FindAsync(DedupDomain.Shared, Hashes(100, 200), shared);
        await Catalogue.Chunks.FindAsync(Apart, Hashes(100, 200), isolated);
        Assert.Equal(Pack([100, 200]).Digest, Assert.Single(shared.Select(found => found.Frame.Pack).Distinct()));
        Assert.Equal(
            In(Apart, Pack([100], [200])).Digest,
            Assert.Single(isolated.Select(found => found.Frame.Pack).Distinct()));
    }

    [Fact]
    public async Task A_recipe_of_one_domain_is_missing_in_all_others()
    {
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("a"), 72)], Guid.NewGuid());
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Apart.NameOf(Hash("b")), 104)], Guid.NewGuid());

        Assert.Equal(
            (int[])[72, 0], await Catalogue.Chunks.FindRecipeBytesAsync(DedupDomain.Shared, [Hash("a"), Hash("b")]));
        Assert.Equal((int[])[0, 104], await Catalogue.Chunks.FindRecipeBytesAsync(Apart, [Hash("a"), Hash("b")]));
    }

    [Fact]
    public async Task A_commit_of_an_isolated_product_finds_only_what_its_own_domain_has()
    {
        await Catalogue.Identities.CreateProductAsync(Product("apart") with { Domain = Apart });
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("recipe"), 72)], Guid.NewGuid());
        var file = new KnownFile(Hash("file"), 300, Hash("recipe"));
        await Publish(Release("1.0.0", 1, 100, 200) with { Files = [file] }, 1);
        var release = Release("1.0.0", 1, 100, 200) with
        {
            Product = "apart",
            Manifest = Hash("manifest of apart"),
            Files = [file],
        };
        var lease = await BeginApart("1.0.0");
        Assert.Contains($"the recipe {file.Recipe} of ", await LackAsync(), StringComparison.Ordinal);
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Apart.NameOf(Hash("recipe")), 104)], lease.Id);
        Assert.Contains($"the chunk {Chunk(100).Hash} of 100 bytes", await LackAsync(), StringComparison.Ordinal);
        Assert.Equal([null], await Catalogue.Releases.FindFilesAsync("apart", [file.Digest]));
        await Catalogue.Chunks.AddPackAsync(In(Apart, Pack([100, 200])), lease.Id);

        var outcome = await Catalogue.Releases.CommitAsync(lease.Id, release, null);

        Assert.Equal((2, 300), (outcome.Figures.NewChunks, outcome.Figures.NewPlainBytes));
        Assert.Equal([file], await Catalogue.Releases.FindFilesAsync("apart", [file.Digest]));
        Assert.Equal([file], await Catalogue.Releases.FindFilesAsync("app", [file.Digest]));
        Assert.Equal(
            ["apart"], (await Catalogue.Collection.FindChunkAsync(Apart, Chunk(100).Hash))!.Products);
        Assert.Equal(
            ["app"], (await Catalogue.Collection.FindChunkAsync(DedupDomain.Shared, Chunk(100).Hash))!.Products);

        async Task<string> LackAsync()
        {
            var refusal = await Assert.ThrowsAsync<ChunkOtaException>(
                () => Catalogue.Releases.CommitAsync(lease.Id, release, null));
            Assert.Equal("RELEASE_INCOMPLETE", refusal.Code);
            return refusal.Message;
        }
    }

    [Fact]
    public async Task What_is_lost_or_condemned_in_one_domain_stays_in_the_others()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100, 200), 1);
        var isolated = In(Apart, Pack([100, 200]));
        await Catalogue.Chunks.AddPackAsync(isolated, Guid.NewGuid());

        await Catalogue.Damage.RecordAsync(
            new ObjectFinding(ObjectName.Pack(isolated.Digest), ObjectFault.Damaged, "", [isolated.Frames[0]], 0));
        Assert.Equal(2, await MissingIn(Apart));
        Assert.Equal(0, await MissingIn(DedupDomain.Shared));
        await Catalogue.Chunks.AddPackAsync(Pack([200], [100]), Guid.NewGuid());
        Assert.Equal(2, await MissingIn(Apart));
        await Catalogue.Chunks.AddPackAsync(In(Apart, Pack([200], [100])), Guid.NewGuid());
        Assert.Equal(0, await MissingIn(Apart));

        await Catalogue.Collection.CondemnChunksAsync(await BeginCollectionAsync(), 0, 1000);
        Assert.Equal(2, await MissingIn(Apart));
        Assert.Equal(0, await MissingIn(DedupDomain.Shared));
        Assert.NotNull(Assert.Single(await Catalogue.Releases.FindFilesAsync("app", [Chunk(100).Hash])));
    }

    /// <summary>A pack with the same chunks, for another domain.</summary>
    private static PackContents In(DedupDomain domain, PackContents pack) => pack with
    {
        Digest = domain.NameOf(pack.Digest),
        Domain = domain,
        Frames =
        [
            .. pack.Frames.Select(frame => frame with
            {
                Chunks = [.. frame.Chunks.Select(chunk => chunk with { Hash = domain.NameOf(chunk.Hash) })],
            }),
        ],
    };

    private static Digest[] Hashes(params int[] lengths) => [.. lengths.Select(length => Chunk(length).Hash)];

    private ValueTask<int> MissingIn(DedupDomain domain) =>
        Catalogue.Chunks.FindMissingAsync(domain, Hashes(100, 200), new byte[1]);

    private Task<PublishLease> BeginApart(string version) => Catalogue.Publishes.BeginAsync(new NewPublish
    {
        Product = "apart",
        Platform = "any",
        Version = version,
        Channel = "stable",
        Allowances = Allowances.Empty | Allowances.Shrink | Allowances.NewChannel | Allowances.NewPlatform,
    });
}
