using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task What_a_publish_brings_counts_before_and_after_its_commit()
    {
        Assert.Equal(new ProductUse("app", 5000, 0, 0), await Catalogue.Identities.SetQuotaAsync("app", 5000));
        var lease = await Begin("1.0.0");
        var pack = Pack([100, 200]);
        await Catalogue.Publishes.CheckQuotaAsync("app", pack.StoredBytes);
        await Catalogue.Chunks.AddPackAsync(pack, lease.Id);
        await Catalogue.Chunks.AddPackAsync(pack, lease.Id);
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("recipe"), 72)], lease.Id);
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("recipe"), 72)], lease.Id);

        var pending = pack.StoredBytes + 72;
        Assert.Equal(
            new ProductUse("app", 5000, 0, pending), await Catalogue.Identities.SetQuotaAsync("app", 5000));
        await Catalogue.Publishes.CheckQuotaAsync("app", 5000 - pending);
        Assert.Equal(
            ErrorCodes.QuotaExceeded,
            await CodeOf(() => Catalogue.Publishes.CheckQuotaAsync("app", 5001 - pending).AsTask()));

        var release = Release("1.0.0", 1, 100, 200);
        await Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, 1));
        Assert.Equal(new ProductUse("app", 150, 150, 0), await Catalogue.Identities.SetQuotaAsync("app", 150));
    }

    [Fact]
    public async Task A_commit_above_the_quota_changes_nothing()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Catalogue.Identities.SetQuotaAsync("app", 149);
        var lease = await Begin("1.0.0");
        var release = Release("1.0.0", 1, 100, 200);

        Assert.Equal(
            ErrorCodes.QuotaExceeded,
            await CodeOf(() => Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, 1))));

        Assert.Null(await Catalogue.Releases.FindReleaseAsync(release.Manifest));
        Assert.Equal(new ProductUse("app", null, 0, 0), await Catalogue.Identities.SetQuotaAsync("app", null));
        await Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, 1));
        var product = await Catalogue.Identities.FindProductAsync("app");
        Assert.Equal(150, product!.StoredBytes);
        Assert.Null(product.QuotaBytes);
    }

    [Fact]
    public async Task A_product_that_is_not_there_has_no_quota()
    {
        await Catalogue.Publishes.CheckQuotaAsync("none", long.MaxValue / 2);

        Assert.Equal(
            ErrorCodes.ProductUnknown, await CodeOf(() => Catalogue.Identities.SetQuotaAsync("none", 1)));
    }
}
