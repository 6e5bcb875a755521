using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Store.Model;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Collection;

public sealed class CollectorTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryObjectStore _objects = new();
    private readonly ManualTime _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private ICatalogue _catalogue = null!;

    private static CollectionOptions AtOnce { get; } = new()
    {
        Grace = TimeSpan.Zero,
        OrphanGrace = TimeSpan.FromHours(1),
    };

    public async ValueTask InitializeAsync()
    {
        _catalogue = SqliteCatalogue.Open(_folder["catalogue.db"], _clock);
        await ModelPublisher.CreateAsync(_catalogue, "app");
    }

    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_deleted_release_goes_with_all_that_no_other_release_has()
    {
        var first = await PublishAsync("1.0.0", 1, 1, 2, 3);
        var second = await PublishAsync("2.0.0", 2, 2, 3, 4);
        await DeleteAsync(first);
        EndPublishes();

        var figures = await CollectAsync(AtOnce);

        Assert.Equal(1, figures.Releases);
        Assert.Equal(ChunksOf(2, 3, 4), await StoredAsync(1, 2, 3, 4));
        Assert.Null(await _objects.FindLengthAsync(ObjectName.Manifest(first.Manifest)));
        Assert.NotNull(await _objects.FindLengthAsync(ObjectName.Manifest(second.Manifest)));
        Assert.Equal([null], await _catalogue.Releases.FindFilesAsync("app", [ModelContent.Files(1)[0].Known.Digest]));
        var product = (await _catalogue.Releases.ReadProductFiguresAsync("app"))[0];
        Assert.Equal(ModelContent.Files(2, 3, 4).Sum(file => file.Known.Size), product.DistinctPlainBytes);
        await AssertReadableAsync(2, 3, 4);
    }

    [Fact]
    public async Task A_deleted_release_can_come_back_until_its_time_is_over()
    {
        var options = new CollectionOptions { Grace = TimeSpan.FromHours(24) };
        var first = await PublishAsync("1.0.0", 1, 1, 2, 3);
        await PublishAsync("2.0.0", 2, 4, 5, 6);
        await DeleteAsync(first);
        _clock.Advance(TimeSpan.FromHours(23));
        await CollectAsync(options);

        Assert.Null(await _catalogue.Releases.FindReleaseAsync(first.Manifest));
        Assert.Equal(["any"], await _catalogue.Retention.UndeleteAsync("app", "1.0.0", null));

        await CollectAsync(options);
        await AssertReadableAsync(1, 2, 3, 4, 5, 6);
        await DeleteAsync(first);
        _clock.Advance(TimeSpan.FromHours(24));
        await CollectAsync(options);
        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(
            () => _catalogue.Retention.UndeleteAsync("app", "1.0.0", null));
        Assert.Equal("RELEASE_UNKNOWN", refusal.Code);
        Assert.Equal(ChunksOf(4, 5, 6), await StoredAsync(1, 2, 3, 4, 5, 6));
    }

    [Fact]
    public async Task A_publish_that_was_told_that_a_chunk_is_there_finds_it_at_its_commit()
    {
        var first = await PublishAsync("1.0.0", 1, 1, 2);
        await PublishAsync("2.0.0", 2, 3);
        EndPublishes();
        var lease = await ModelPublisher.BeginAsync(_catalogue, "app", "3.0.0");
        Assert.Equal(0, await CountMissingAsync(1, 2));
        await DeleteAsync(first);

        await CollectAsync(AtOnce);

        // A publish that begins now is told to send it again; the one that began before is not lied to.
        Assert.Equal(ChunksOf(1, 2).Count, await CountMissingAsync(1, 2));
        await ModelPublisher.CommitAsync(_catalogue, _objects, lease, 3, ModelContent.Files(1, 2));
        Assert.Equal(0, await CountMissingAsync(1, 2));
        EndPublishes();
        await CollectAsync(AtOnce);
        await AssertReadableAsync(1, 2, 3);
    }

    [Fact]
    public async Task What_a_publish_sends_again_is_no_longer_condemned()
    {
        var first = await PublishAsync("1.0.0", 1, 1, 2);
        await PublishAsync("2.0.0", 2, 3);
        var before = await ModelPublisher.BeginAsync(_catalogue, "app", "2.5.0");
        await DeleteAsync(first);
        await CollectAsync(AtOnce);
        var lease = await ModelPublisher.BeginAsync(_catalogue, "app", "3.0.0");

        await ModelPublisher.SendAsync(_catalogue, _objects, lease, ModelContent.Files(1, 2));

        Assert.Equal(0, await CountMissingAsync(1, 2));
        await ModelPublisher.CommitAsync(_catalogue, _objects, lease, 3, ModelContent.Files(1, 2));
        Assert.NotEqual(before.Id, lease.Id);
        EndPublishes();
        await CollectAsync(AtOnce);
        await AssertReadableAsync(1, 2, 3);
    }

    [Fact]
    public async Task A_release_is_published_again_after_its_content_is_gone()
    {
        var first = await PublishAsync("1.0.0", 1, 1, 2);
        await PublishAsync("2.0.0", 2, 3);
        await DeleteAsync(first);
        EndPublishes();
        await CollectAsync(AtOnce);

        var taken = await Assert.ThrowsAsync<ChunkOtaException>(() => PublishAsync("1.0.0", 3, 1, 2));
        await PublishAsync("3.0.0", 3, 1, 2);

        Assert.Equal("VERSION_TAKEN", taken.Code);
        await AssertReadableAsync(1, 2, 3);
    }

    [Fact]
    public async Task What_a_publish_sent_and_never_committed_goes_when_it_has_ended()
    {
        await PublishAsync("1.0.0", 1, 1);
        var lease = await ModelPublisher.BeginAsync(_catalogue, "app", "2.0.0");
        await ModelPublisher.SendAsync(_catalogue, _objects, lease, ModelContent.Files(2, 3));

        await CollectAsync(AtOnce);
        Assert.Equal(0, await CountMissingAsync(2, 3));
        EndPublishes();
        await CollectAsync(AtOnce);

        Assert.Equal(ChunksOf(1), await StoredAsync(1, 2, 3));
        Assert.Single(await _objects.ListAsync(ObjectKind.Pack).ToListAsync());
    }

    [Fact]
    public async Task A_pack_that_is_mostly_dead_is_rewritten_and_stays_readable_for_a_while()
    {
        var options = new CollectionOptions { Grace = TimeSpan.FromHours(1), CompactBelowPercent = 60 };
        var first = await PublishAsync("1.0.0", 1, 10, 11, 13, 14, 16, 17, 19, 20);
        await PublishAsync("2.0.0", 2, 10);
        await DeleteAsync(first);
        EndPublishes();
        _clock.Advance(options.Grace);
        var old = Assert.Single(await _objects.ListAsync(ObjectKind.Pack).ToListAsync());

        var figures = await CollectAsync(options);

        Assert.Equal(1, figures.CompactedPacks);
        await AssertReadableAsync(10);
        Assert.NotNull(await _objects.FindLengthAsync(old));
        _clock.Advance(options.Grace);
        await CollectAsync(options);
        Assert.Null(await _objects.FindLengthAsync(old));
        await AssertReadableAsync(10);
        var store = await _catalogue.Releases.ReadStoreFiguresAsync();
        Assert.Equal((1, ModelContent.Files(10).Sum(file => file.Known.Size)), (store.Packs, store.PlainBytes));
    }

    [Fact]
    public async Task A_full_disk_stops_the_rewriting_of_packs_and_not_the_deletions_that_free_it()
    {
        var store = new FaultyObjectStore();
        var sparse = await ModelPublisher.PublishAsync(
            _catalogue, store, "app", "1.0.0", 1, 10, 11, 13, 14, 16, 17, 19, 20);
        var dead = await ModelPublisher.PublishAsync(_catalogue, store, "app", "1.1.0", 2, 40, 41);
        await ModelPublisher.PublishAsync(_catalogue, store, "app", "2.0.0", 3, 10);
        await DeleteAsync(sparse);
        await DeleteAsync(dead);
        EndPublishes();
        store.PutFailure = new StoreFullException();
        var collector = new Collector(_catalogue, store, AtOnce with { CompactBelowPercent = 60 }, _clock);

        await Assert.ThrowsAsync<StoreFullException>(
            () => collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));

        Assert.Single(await store.ListAsync(ObjectKind.Pack).ToListAsync());
        Assert.StartsWith(
            "STORE_FULL", (await _catalogue.Collection.ReadStateAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_that_cannot_be_deleted_are_passed_over_and_claimed_until_they_are_surely_gone()
    {
        var store = new FaultyObjectStore();
        ObjectName[] orphans =
        [
            .. Enumerable.Range(0, 200).Select(i => Digest.Of(BitConverter.GetBytes(i))).Order()
                .Select(ObjectName.Recipe),
        ];
        foreach (var orphan in orphans) await store.PutAsync(orphan, new byte[5]);
        store.DeleteFailure = name => name == orphans[0] || name == orphans[100]
            ? new StoreUnavailableException("no answer") : null;
        var collector = new Collector(_catalogue, store, AtOnce with { OrphanGrace = TimeSpan.Zero }, _clock);

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));

        Assert.Contains("2 objects were not deleted", failure.OperatorDetail, StringComparison.Ordinal);
        Assert.Contains(orphans[0].ToString(), failure.OperatorDetail, StringComparison.Ordinal);
        Assert.Equal(
            [orphans[0], orphans[100]],
            (await store.ListAsync(ObjectKind.Recipe).ToListAsync()).OrderBy(name => name.Digest));
        Assert.Equal(198, (await _catalogue.Collection.ReadStateAsync()).Figures.Objects);
        // The call may still be under way, and would delete an object that is stored again.
        Assert.False(await _catalogue.Chunks.TryTakeBackAsync([orphans[0]]));
        Assert.Null(await collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));
        _clock.Advance(ICollectionCatalogue.Lease);
        Assert.True(await _catalogue.Chunks.TryTakeBackAsync([orphans[0]]));

        store.DeleteFailure = _ => null;
        var figures = await collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None);
        Assert.Equal(2, figures?.Objects);
    }

    [Fact]
    public async Task A_copy_of_a_document_that_cannot_be_deleted_is_left_to_the_next_collection()
    {
        var store = new FaultyObjectStore();
        ObjectName[] copies = [.. Enumerable.Range(0, 3).Select(i => ObjectName.Document(Digest.Of([(byte)i])))];
        foreach (var copy in copies) await store.PutAsync(copy, new byte[5]);
        store.DeleteFailure = name => name == copies[1] ? new StoreUnavailableException("no answer") : null;
        var collector = new Collector(_catalogue, store, AtOnce, _clock);

        Assert.NotNull(await collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));

        Assert.Equal([copies[1]], await LeftAsync());
        store.DeleteFailure = _ => null;
        Assert.NotNull(await collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));
        Assert.Empty(await LeftAsync());

        async Task<IEnumerable<ObjectName>> LeftAsync() =>
            copies.Intersect(await store.ListAsync(ObjectKind.Document).ToListAsync());
    }

    [Fact]
    public async Task A_store_that_deletes_nothing_is_not_asked_for_every_object()
    {
        var store = new FaultyObjectStore();
        for (var i = 0; i < 50; i++)
            await store.PutAsync(ObjectName.Recipe(Digest.Of(BitConverter.GetBytes(i))), new byte[5]);
        var calls = 0;
        store.DeleteFailure = _ => ++calls > 0 ? new StoreUnavailableException("no answer") : null;
        var collector = new Collector(_catalogue, store, AtOnce with { OrphanGrace = TimeSpan.Zero }, _clock);

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));

        Assert.Equal(8, calls);
    }

    [Fact]
    public async Task An_object_that_no_row_names_goes_after_its_own_time()
    {
        await PublishAsync("1.0.0", 1, 1);
        var orphan = ObjectName.Recipe(Digest.Of("orphan"u8));
        await _objects.PutAsync(orphan, "orphan"u8.ToArray());
        EndPublishes();

        await CollectAsync(AtOnce);
        Assert.NotNull(await _objects.FindLengthAsync(orphan));
        _clock.Advance(AtOnce.OrphanGrace);
        await CollectAsync(AtOnce);

        Assert.Null(await _objects.FindLengthAsync(orphan));
        await AssertReadableAsync(1);
    }

    [Fact]
    public async Task A_channel_keeps_as_many_releases_as_its_policy_says()
    {
        for (var i = 1; i <= 5; i++) await PublishAsync($"{i}.0.0", (ulong)i, i);
        await _catalogue.Retention.SetPolicyAsync("app", "stable", 2);

        await CollectAsync(AtOnce);

        var left = await _catalogue.Releases.ListReleasesAsync(new ReleaseQuery());
        Assert.Equal(["5.0.0", "4.0.0"], left.Releases.Select(release => release.Version));
        EndPublishes();
        await CollectAsync(AtOnce);
        Assert.Equal(ChunksOf(4, 5), await StoredAsync(1, 2, 3, 4, 5));
    }

    [Fact]
    public async Task A_product_of_which_a_manifest_cannot_be_read_keeps_all_and_others_are_collected()
    {
        var first = await PublishAsync("1.0.0", 1, 1);
        var second = await PublishAsync("2.0.0", 2, 2);
        await ModelPublisher.CreateAsync(_catalogue, "other");
        var third = await ModelPublisher.PublishAsync(_catalogue, _objects, "other", "1.0.0", 1, 3);
        await ModelPublisher.PublishAsync(_catalogue, _objects, "other", "2.0.0", 2, 4);
        await DeleteAsync(first);
        await DeleteAsync(third);
        EndPublishes();
        var manifest = ObjectName.Manifest(second.Manifest);
        await _objects.DeleteAsync(manifest);

        var failure = await Assert.ThrowsAsync<ObjectDamagedException>(() => CollectAsync(AtOnce));

        Assert.Contains(manifest.ToString(), failure.OperatorDetail, StringComparison.Ordinal);
        Assert.Equal(ChunksOf(1, 2, 4), await StoredAsync(1, 2, 3, 4));
        var state = await _catalogue.Collection.ReadStateAsync();
        Assert.StartsWith("OBJECT_DAMAGED: 1 release cannot be read: ", state.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(manifest.Digest.ToString(), state.Error, StringComparison.Ordinal);
        Assert.NotNull(state.Ended);
        Assert.Equal(manifest, Assert.Single(await _catalogue.Damage.ListAsync(null, 10)).Name);
    }

    [Fact]
    public async Task A_manifest_that_is_no_manifest_is_passed_over()
    {
        var first = await PublishAsync("1.0.0", 1, 1);
        await PublishAsync("2.0.0", 2, 2);
        await DeleteAsync(first);
        EndPublishes();
        foreach (var name in await _objects.ListAsync(ObjectKind.Manifest).ToListAsync())
            await _objects.PutAsync(name, new byte[] { 0xff });

        await Assert.ThrowsAsync<ObjectDamagedException>(() => CollectAsync(AtOnce));

        Assert.Equal(ChunksOf(1, 2), await StoredAsync(1, 2));
    }

    [Fact]
    public async Task A_plan_tells_what_goes_and_changes_nothing()
    {
        var first = await PublishAsync("1.0.0", 1, 1, 2);
        await PublishAsync("2.0.0", 2, 2, 3);
        await PublishAsync("3.0.0", 3, 3);
        await DeleteAsync(first);
        var planner = new CollectionPlanner(_catalogue, _objects, AtOnce, _clock);

        var plan = await planner.PlanAsync(CancellationToken.None);

        Assert.Equal(
            [("3.0.0", ReleaseFate.Kept), ("2.0.0", ReleaseFate.Kept), ("1.0.0", ReleaseFate.Purged)],
            plan.Releases.Select(release => (release.Release.Version, release.Fate)));
        Assert.Equal(ChunksOf(1).Count, plan.Chunks);
        Assert.Equal(["any"], await _catalogue.Retention.UndeleteAsync("app", "1.0.0", null));
        var named = await planner.FindReleasesAsync(ChunksOf(2)[0], ["app"], CancellationToken.None);
        Assert.Equal(["2.0.0", "1.0.0"], named.Select(release => release.Release.Version));
    }

    [Fact]
    public async Task A_collection_of_one_domain_leaves_the_same_chunks_in_another()
    {
        await ModelPublisher.CreateAsync(_catalogue, "apart", isIsolated: true);
        var shared = await PublishAsync("1.0.0", 1, 1, 2, 3);
        var isolated = await ModelPublisher.PublishAsync(_catalogue, _objects, "apart", "1.0.0", 1, 1, 2, 3);
        await PublishAsync("2.0.0", 2, 4);
        Assert.Equal(3, (await _objects.ListAsync(ObjectKind.Pack).ToListAsync()).Count);
        await DeleteAsync(shared);
        EndPublishes();

        await CollectAsync(AtOnce);

        Assert.Equal(ChunksOf(4), await StoredAsync(1, 2, 3, 4));
        Assert.Equal(2, (await _objects.ListAsync(ObjectKind.Pack).ToListAsync()).Count);
        await AssertApartIsWholeAsync(isolated, 1, 2, 3);
    }

    [Fact]
    public async Task A_compaction_makes_no_pack_of_two_domains()
    {
        foreach (var product in new[] { "apart", "other" })
            await ModelPublisher.CreateAsync(_catalogue, product, isIsolated: true);
        List<NewRelease> dead = [];
        NewRelease? kept = null;
        foreach (var product in new[] { "app", "apart", "other" })
        {
            var first = await ModelPublisher.PublishAsync(
                _catalogue, _objects, product, "1.0.0", 1, 10, 11, 13, 14, 16, 17, 19, 20);
            var second = await ModelPublisher.PublishAsync(_catalogue, _objects, product, "2.0.0", 2, 10);
            if (product == "apart") kept = second;
            dead.Add(first);
        }

        foreach (var release in dead) await DeleteAsync(release);
        EndPublishes();

        var figures = await CollectAsync(AtOnce with { CompactBelowPercent = 60 });

        Assert.Equal(3, figures.CompactedPacks);
        await AssertReadableAsync(10);
        await AssertApartIsWholeAsync(kept!, 10);
        HashSet<DedupDomain> domains = [];
        await foreach (var pack in _objects.ListAsync(ObjectKind.Pack))
            Assert.True(domains.Add((await PackReader.ReadContentsAsync(_objects, pack.Digest)).Domain));
        Assert.Equal([DedupDomain.Shared, TestDomain.Of("apart"), TestDomain.Of("other")], domains);
    }

    private Task<NewRelease> PublishAsync(string version, ulong counter, params int[] files) =>
        ModelPublisher.PublishAsync(_catalogue, _objects, "app", version, counter, files);

    private Task<ReleaseUse> DeleteAsync(NewRelease release) =>
        _catalogue.Retention.DeleteAsync(release.Manifest, isForced: false, DateTimeOffset.UnixEpoch);

    private void EndPublishes() => _clock.Advance(IPublishLeases.Lifetime);

    private async Task<CollectionFigures> CollectAsync(CollectionOptions options) =>
        Assert.IsType<CollectionFigures>(await new Collector(_catalogue, _objects, options, _clock)
            .RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));

    private static IReadOnlyList<Digest> ChunksOf(params int[] files) =>
        [.. ModelContent.Files(files).SelectMany(file => file.Chunks).Select(chunk => chunk.Hash).Distinct().Order()];

    private async Task<int> CountMissingAsync(params int[] files)
    {
        var hashes = ChunksOf(files);
        return await _catalogue.Chunks.FindMissingAsync(hashes.ToArray(), new byte[(hashes.Count + 7) / 8]);
    }

    /// <summary>The chunks of files that the store has.</summary>
    private async Task<IReadOnlyList<Digest>> StoredAsync(params int[] files)
    {
        var hashes = ChunksOf(files);
        var locations = new ChunkLocation[hashes.Count];
        await _catalogue.Chunks.FindAsync(hashes.ToArray(), locations);
        return [.. hashes.Where((_, index) => locations[index].IsKnown)];
    }

    /// <summary>The isolated product can deliver a release, and its figures count all of it.</summary>
    private async Task AssertApartIsWholeAsync(NewRelease release, params int[] files)
    {
        var invariants = new StoreInvariants(_catalogue, _objects, _ => throw new InvalidOperationException());
        Assert.Null(await invariants.FindFaultAsync(
            TestDomain.Of("apart"), release.Manifest, ModelContent.Files(files), default));
        Assert.DoesNotContain(null, await _catalogue.Releases.FindFilesAsync(
            "apart", [.. ModelContent.Files(files).Select(file => file.Known.Digest)]));
        var figures = (await _catalogue.Releases.ReadProductFiguresAsync("apart"))[0];
        Assert.Equal(
            ModelContent.Files(files).SelectMany(file => file.Chunks).DistinctBy(chunk => chunk.Hash)
                .Sum(chunk => (long)chunk.Length),
            figures.DistinctPlainBytes);
    }

    private async Task AssertReadableAsync(params int[] files)
    {
        using var codecs = new CodecPool(1);
        foreach (var hash in ChunksOf(files))
        {
            var locations = new ChunkLocation[1];
            await _catalogue.Chunks.FindAsync(new[] { hash }, locations);
            using var frame = await StoredFrames.DecodeAsync(_objects, codecs, locations[0].Frame, default);
            Assert.Equal(hash, StoredFrames.Verify(frame, locations[0], hash).Hash);
        }

        foreach (var file in ModelContent.Files(files).Where(file => file.Recipe is not null))
            Assert.NotNull(await _objects.FindLengthAsync(ObjectName.Recipe(file.Known.Recipe!.Value)));
    }
}
