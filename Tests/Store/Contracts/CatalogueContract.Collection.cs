using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_deleted_release_is_not_visible_and_keeps_its_version_and_its_counter()
    {
        var releases = await PublishThreeAsync();

        var use = await Catalogue.Retention.DeleteAsync(releases.One, false, DateTimeOffset.UnixEpoch);
        await ReopenAsync();

        Assert.Equal(("1.0.0", 1UL), (use.Version, use.Counter));
        Assert.Null(await Catalogue.Releases.FindReleaseAsync(releases.One));
        Assert.Null(await Catalogue.Releases.FindReleaseAsync("app", "any", "1.0.0"));
        Assert.Equal(2, (await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery())).Releases.Count);
        Assert.Equal(2, (await Catalogue.Releases.ReadProductFiguresAsync("app"))[0].Releases);
        Assert.Equal("VERSION_TAKEN", await CodeOf(() => Publish(Release("1.0.0", 9, 1), 9)));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(() => Catalogue.Releases.AddAnchorAsync(releases.One)));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(
            () => Catalogue.Retention.DeleteAsync(releases.One, true, DateTimeOffset.UnixEpoch)));
    }

    [Fact]
    public async Task A_deleted_release_can_come_back()
    {
        var releases = await PublishThreeAsync();
        await Catalogue.Retention.DeleteAsync(releases.One, false, DateTimeOffset.UnixEpoch);

        Assert.Equal(["any"], await Catalogue.Retention.UndeleteAsync("app", "1.0.0", null));

        Assert.NotNull(await Catalogue.Releases.FindReleaseAsync(releases.One));
        Assert.Equal(
            "RELEASE_UNKNOWN", await CodeOf(() => Catalogue.Retention.UndeleteAsync("app", "1.0.0", null)));
        Assert.Equal("PRODUCT_UNKNOWN", await CodeOf(() => Catalogue.Retention.UndeleteAsync("no", "1.0.0", null)));
    }

    [Fact]
    public async Task What_a_channel_or_an_anchor_needs_is_not_deleted()
    {
        var releases = await PublishThreeAsync();
        await Catalogue.Releases.AddAnchorAsync(releases.Two);

        foreach (var manifest in new[] { releases.Two, releases.Three })
            Assert.Equal("IN_USE", await CodeOf(
                () => Catalogue.Retention.DeleteAsync(manifest, true, DateTimeOffset.UnixEpoch)));

        var uses = await Catalogue.Retention.ListAsync("app", DateTimeOffset.UnixEpoch);
        Assert.Equal(["1.2.0", "1.1.0", "1.0.0"], uses.Select(use => use.Version));
        Assert.Equal([true, false, false], uses.Select(use => use.IsNewest));
        Assert.Equal([false, true, false], uses.Select(use => use.IsAnchor));
        Assert.Equal(["stable"], uses[0].Channels);
        Assert.All(uses, use => Assert.Equal(["stable"], use.History));
    }

    [Fact]
    public async Task A_policy_is_set_and_taken_back()
    {
        await PublishThreeAsync();

        await Catalogue.Retention.SetPolicyAsync("app", "stable", 5);
        await Catalogue.Retention.SetPolicyAsync("app", "stable", 3);

        Assert.Equal([new RetentionPolicy("app", "stable", 3)], await Catalogue.Retention.ListPoliciesAsync("app"));
        await Catalogue.Retention.SetPolicyAsync("app", "stable", null);
        Assert.Empty(await Catalogue.Retention.ListPoliciesAsync("app"));
        Assert.Equal("CHANNEL_UNKNOWN", await CodeOf(() => Catalogue.Retention.SetPolicyAsync("app", "nightly", 1)));
        Assert.Equal("PRODUCT_UNKNOWN", await CodeOf(() => Catalogue.Retention.SetPolicyAsync("no", "stable", 1)));
    }

    [Fact]
    public async Task One_collection_runs_at_a_time_and_one_that_lost_its_lease_changes_nothing()
    {
        var first = await BeginCollectionAsync();
        Assert.Null(await Catalogue.Collection.BeginAsync());
        Time.Advance(ICollectionCatalogue.Lease);
        var second = await BeginCollectionAsync();

        await Assert.ThrowsAsync<CollectionLostException>(() => Catalogue.Collection.AdvanceAsync(first));
        await Assert.ThrowsAsync<CollectionLostException>(() => Catalogue.Trash.ClaimAsync(first, null, 10));
        await Catalogue.Collection.EndAsync(first, new CollectionFigures(9), "");
        await Catalogue.Collection.AdvanceAsync(second);
        await Catalogue.Collection.EndAsync(second, new CollectionFigures(1, 2, 3, 4, 5, 6), "failed");

        var state = await Catalogue.Collection.ReadStateAsync();
        Assert.Equal(new CollectionFigures(1, 2, 3, 4, 5, 6), state.Figures);
        Assert.Equal(("failed", Time.GetUtcNow()), (state.Error, state.Ended));
        _ = await BeginCollectionAsync();
    }

    [Fact]
    public async Task An_unclaimed_chunk_is_condemned_and_removed_when_no_publish_can_have_found_it()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 200), 1);
        var publish = await Begin("2.0.0");
        var run = await BeginCollectionAsync();

        await Catalogue.Collection.CondemnChunksAsync(run, 0, 1000);
        await Catalogue.Collection.AdvanceAsync(run);

        Assert.Equal([100], await ListMissing(100, 200));
        Assert.True((await Catalogue.Collection.FindChunkAsync(DedupDomain.Shared, Chunk(100).Hash))!.IsCondemned);
        Assert.Equal(1, (await Catalogue.Collection.ReadStateAsync()).CondemnedChunks);
        Assert.Equal(50, await Catalogue.Collection.MeasureCondemnedAsync());
        Assert.True((await Catalogue.Collection.RemoveAsync(run, 100)).IsEmpty);
        var locations = new ChunkLocation[1];
        await Catalogue.Chunks.FindAsync(new[] { Chunk(100).Hash }, locations);
        Assert.True(locations[0].IsKnown);
        Time.Advance(publish.Expires - Time.GetUtcNow());
        run = await BeginCollectionAsync();
        Assert.Equal(new RemovedRows(1, 0, 0), await Catalogue.Collection.RemoveAsync(run, 100));
        await Catalogue.Chunks.FindAsync(new[] { Chunk(100).Hash }, locations);
        Assert.False(locations[0].IsKnown);
        var store = await Catalogue.Releases.ReadStoreFiguresAsync();
        Assert.Equal((1, 1, 200), (store.Packs, store.Chunks, store.PlainBytes));
        Assert.Equal(0, (await Catalogue.Collection.ReadStateAsync()).CondemnedChunks);
        Assert.Equal(0, await Catalogue.Collection.MeasureCondemnedAsync());
    }

    [Fact]
    public async Task A_condemned_chunk_is_taken_back_by_its_pack_and_by_a_commit()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100], [200]), Guid.NewGuid());
        var run = await BeginCollectionAsync();
        await Catalogue.Collection.CondemnChunksAsync(run, 0, 1000);
        Assert.Equal([100, 200], await ListMissing(100, 200));

        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 200), 1);

        Assert.Empty(await ListMissing(100, 200));
    }

    [Fact]
    public async Task A_condemned_recipe_and_the_files_that_it_makes_are_forgotten()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("recipe"), 72)], Guid.NewGuid());
        var file = new KnownFile(Hash("file"), 300, Hash("recipe"));
        await Publish(Release("1.0.0", 1, 100, 200) with { Files = [file] }, 1);
        var run = await BeginCollectionAsync();
        var recipe = Assert.Single(await Catalogue.Collection.ListRecipesAsync(0, 10));
        var commits = (await Catalogue.Collection.ReadRootsAsync()).Commits;

        Assert.False(await Catalogue.Collection.CondemnRecipesAsync(run, [recipe], commits - 1));
        Assert.Equal([file], await Catalogue.Releases.FindFilesAsync("app", [file.Digest]));
        Assert.True(await Catalogue.Collection.CondemnRecipesAsync(run, [recipe], commits));
        Assert.Equal([null], await Catalogue.Releases.FindFilesAsync("app", [file.Digest]));
        await Catalogue.Collection.AdvanceAsync(run);
        Assert.Equal(new RemovedRows(0, 1, 0), await Catalogue.Collection.RemoveAsync(run, 10));

        Assert.Equal(0, Assert.Single(await Catalogue.Chunks.FindRecipeBytesAsync([Hash("recipe")])));
        Assert.Equal(1, (await Catalogue.Collection.ReadStateAsync()).TrashedObjects);
    }

    [Fact]
    public async Task A_claim_is_dropped_with_its_share_of_the_products_figures()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100, 200), 1);
        var run = await BeginCollectionAsync();
        var claims = await Catalogue.Collection.ListClaimsAsync(default, 10);
        var number = (await Catalogue.Collection.FindNumbersAsync(
            DedupDomain.Shared, MarkedKind.Chunk, new[] { Chunk(100).Hash }))[0];
        var dropped = claims.Where(claim => claim.Chunk == number).ToList();
        var commits = (await Catalogue.Collection.ReadRootsAsync()).Commits;

        Assert.False(await Catalogue.Collection.DropClaimsAsync(run, dropped, commits - 1));
        Assert.True(await Catalogue.Collection.DropClaimsAsync(run, dropped, commits));

        Assert.Equal(2, claims.Count);
        Assert.Single(await Catalogue.Collection.ListClaimsAsync(default, 10));
        Assert.Equal(
            new ProductFigures("app", 1, 300, 200, 100), (await Catalogue.Releases.ReadProductFiguresAsync("app"))[0]);
    }

    [Fact]
    public async Task Chunks_move_to_a_new_pack_in_one_step_and_the_old_one_goes_to_the_trash()
    {
        var (old, compact) = (Pack([100, 200], [300]), Pack([300]));
        await Catalogue.Chunks.AddPackAsync(old, Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 300), 1);
        var run = await BeginCollectionAsync();
        await Catalogue.Collection.CondemnChunksAsync(run, 0, 1000);
        await Catalogue.Collection.AdvanceAsync(run);
        await Catalogue.Collection.RemoveAsync(run, 100);
        Assert.Empty(await Catalogue.Trash.ListSparseAsync(50, 0, 10));
        var sparse = Assert.Single(await Catalogue.Trash.ListSparseAsync(51, 0, 10));
        Assert.Equal(Chunk(300), Assert.Single(await Catalogue.Trash.ListChunksAsync(sparse)).Chunk);

        await Catalogue.Trash.MoveAsync(run, compact, [sparse], Time.GetUtcNow().AddHours(1));

        var locations = new ChunkLocation[1];
        await Catalogue.Chunks.FindAsync(new[] { Chunk(300).Hash }, locations);
        Assert.Equal(new ChunkLocation(new FrameLocation(compact.Digest, 8, 150, 300), 0, 300), locations[0]);
        Assert.Equal(1, (await Catalogue.Releases.ReadStoreFiguresAsync()).Packs);
        await Catalogue.Collection.AdvanceAsync(run);
        Assert.Empty(await Catalogue.Trash.ClaimAsync(run, null, 10));
        Time.Advance(TimeSpan.FromHours(1));
        run = await BeginCollectionAsync();
        Assert.Equal(
            [new TrashedObject(ObjectName.Pack(old.Digest), old.StoredBytes)],
            await Catalogue.Trash.ClaimAsync(run, null, 10));
    }

    [Fact]
    public async Task A_pack_that_has_moved_as_a_whole_may_be_named_with_the_next_one()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Catalogue.Chunks.AddPackAsync(Pack([300]), Guid.NewGuid());
        var run = await BeginCollectionAsync();
        var old = await Catalogue.Trash.ListSparseAsync(101, 0, 10);
        var (one, other, due) = (Pack([200, 100]), Pack([300], [400]), Time.GetUtcNow().AddHours(1));
        Assert.Equal(2, old.Count);

        await Catalogue.Trash.MoveAsync(run, one, [old[0]], due);
        await Catalogue.Trash.MoveAsync(run, other, old, due);

        var locations = new ChunkLocation[2];
        await Catalogue.Chunks.FindAsync(new[] { Chunk(100).Hash, Chunk(300).Hash }, locations);
        Assert.Equal([one.Digest, other.Digest], locations.Select(location => location.Frame.Pack));
        Assert.Equal(2, (await Catalogue.Releases.ReadStoreFiguresAsync()).Packs);
    }

    [Fact]
    public async Task An_object_is_taken_back_from_the_trash_unless_it_is_going()
    {
        var garbage = new TrashedObject(ObjectName.Pack(Hash("garbage")), 5);
        var run = await BeginCollectionAsync();
        Assert.Equal([Hash("garbage")], await Catalogue.Trash.FindUnknownAsync(ObjectKind.Pack, [Hash("garbage")]));
        await Catalogue.Trash.AddAsync(run, [garbage], Time.GetUtcNow());
        Assert.Empty(await Catalogue.Trash.FindUnknownAsync(ObjectKind.Pack, [Hash("garbage")]));

        Assert.True(await Catalogue.Chunks.TryTakeBackAsync([garbage.Name]));
        Assert.Equal(0, (await Catalogue.Collection.ReadStateAsync()).TrashedObjects);
        await Catalogue.Trash.AddAsync(run, [garbage], Time.GetUtcNow());
        await Catalogue.Collection.AdvanceAsync(run);
        Assert.Equal([garbage], await Catalogue.Trash.ClaimAsync(run, null, 10));
        Assert.False(await Catalogue.Chunks.TryTakeBackAsync([garbage.Name]));
        // Another server's clock may be ahead of that of the server which deletes.
        Time.Advance(ICollectionCatalogue.DeletionLimit + ICollectionCatalogue.ClockSkew);
        Assert.False(await Catalogue.Chunks.TryTakeBackAsync([garbage.Name]));
        Assert.Null(await Catalogue.Collection.BeginAsync());

        await Catalogue.Trash.RemoveAsync(run, [garbage]);
        Assert.True(await Catalogue.Chunks.TryTakeBackAsync([garbage.Name]));
    }

    [Fact]
    public async Task An_object_stays_while_a_publish_lives_that_began_before_it_was_thrown_away()
    {
        var garbage = new TrashedObject(ObjectName.Pack(Hash("garbage")), 5);
        var publish = await Begin();
        var run = await BeginCollectionAsync();
        await Catalogue.Trash.AddAsync(run, [garbage], Time.GetUtcNow());
        await Catalogue.Collection.AdvanceAsync(run);
        _ = await Begin("2.0.0");

        Assert.Empty(await Catalogue.Trash.ClaimAsync(run, null, 10));
        Time.Advance(publish.Expires - Time.GetUtcNow());
        run = await BeginCollectionAsync();
        Assert.Equal([garbage], await Catalogue.Trash.ClaimAsync(run, null, 10));
    }

    [Fact]
    public async Task A_purged_release_gives_up_its_manifest_and_its_deltas()
    {
        var releases = await PublishThreeAsync();
        await Catalogue.Deltas.AddAsync(new NewDelta(
            new DeltaPair(releases.One, releases.Three), DeltaQuality.Best, Hash("delta"), 7, 1, 10));
        await Catalogue.Retention.DeleteAsync(releases.One, false, DateTimeOffset.UnixEpoch);
        var run = await BeginCollectionAsync();
        var (now, always) = (Time.GetUtcNow(), DateTimeOffset.UnixEpoch);

        Assert.False(await Catalogue.Collection.PurgeAsync(run, releases.One, now.AddSeconds(-1), always));
        Assert.False(await Catalogue.Collection.PurgeAsync(run, releases.Two, now, always));
        Assert.True(await Catalogue.Collection.PurgeAsync(run, releases.One, now, always));

        Assert.Equal(2, (await Catalogue.Collection.ReadRootsAsync()).Releases.Count);
        Assert.Equal(2, (await Catalogue.Collection.ReadStateAsync()).TrashedObjects);
        Assert.Null(await Catalogue.Deltas.FindAsync(Hash("delta")));
        Assert.Equal(
            "RELEASE_UNKNOWN", await CodeOf(() => Catalogue.Retention.UndeleteAsync("app", "1.0.0", null)));
        Assert.Equal("VERSION_TAKEN", await CodeOf(() => Publish(Release("1.0.0", 9, 1), 9)));
    }

    private async Task<CollectionLease> BeginCollectionAsync() =>
        Assert.IsType<CollectionLease>(await Catalogue.Collection.BeginAsync());

    private async Task<IReadOnlyList<int>> ListMissing(params int[] chunks)
    {
        var missing = new byte[(chunks.Length + 7) / 8];
        await Catalogue.Chunks.FindMissingAsync(chunks.Select(length => Chunk(length).Hash).ToArray(), missing);
        return [.. chunks.Where((_, index) => (missing[index / 8] & (1 << (index % 8))) != 0)];
    }
}
