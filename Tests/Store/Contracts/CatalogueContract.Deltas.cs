using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(1);

    [Fact]
    public async Task A_delta_is_found_by_its_pair_and_by_its_name()
    {
        var (one, two, _) = await PublishThreeAsync();

        Assert.Null(await Catalogue.Deltas.AddAsync(Delta(one, two, DeltaQuality.Quick, 200)));
        Assert.Null(await Catalogue.Deltas.AddAsync(Delta(one, two, DeltaQuality.Best, 100)));
        await ReopenAsync();

        var found = await Catalogue.Deltas.FindAsync(new DeltaPair(one, two));
        Assert.Equal([DeltaQuality.Best, DeltaQuality.Quick], found.Select(delta => delta.Quality));
        Assert.Equal(
            new DeltaRecord
            {
                Product = "app",
                Platform = "any",
                FromVersion = "1.0.0",
                ToVersion = "1.1.0",
                Pair = new DeltaPair(one, two),
                Quality = DeltaQuality.Best,
                Digest = Hash($"delta {one} {two} Best 100"),
                Bytes = 100,
                Files = 3,
                TargetBytes = 5000,
                Built = Time.GetUtcNow(),
                Used = Time.GetUtcNow(),
            },
            found[0]);
        Assert.Equal(found[0], await Catalogue.Deltas.FindAsync(found[0].Digest!.Value));
        Assert.Empty(await Catalogue.Deltas.FindAsync(new DeltaPair(two, one)));
        Assert.Null(await Catalogue.Deltas.FindAsync(Hash("other")));
        Assert.Equal(
            "RELEASE_UNKNOWN",
            await CodeOf(() => Catalogue.Deltas.AddAsync(Delta(one, Hash("nothing"), DeltaQuality.Best, 1))));
    }

    [Fact]
    public async Task A_delta_that_was_made_again_takes_the_place_of_the_old_one()
    {
        var (one, two, _) = await PublishThreeAsync();
        var first = Delta(one, two, DeltaQuality.Best, 100);
        var second = Delta(one, two, DeltaQuality.Best, 90);
        await Catalogue.Deltas.AddAsync(first);

        Assert.Null(await Catalogue.Deltas.AddAsync(first));
        Assert.Equal(first.Digest, await Catalogue.Deltas.AddAsync(second));

        Assert.Equal(second.Digest, Assert.Single(await Catalogue.Deltas.ListAsync("app")).Digest);
        Assert.Null(await Catalogue.Deltas.FindAsync(first.Digest!.Value));
    }

    [Theory]
    [InlineData(DeltaQuality.Quick, DeltaQuality.Best)]
    [InlineData(DeltaQuality.Best, DeltaQuality.Quick)]
    public async Task Of_a_quick_delta_and_a_best_one_with_the_same_bytes_the_best_one_is_kept(
        DeltaQuality first, DeltaQuality second)
    {
        var (one, two, _) = await PublishThreeAsync();
        var pair = new DeltaPair(one, two);
        var same = Delta(one, two, DeltaQuality.Best, 100);
        await Catalogue.DeltaJobs.EnqueueAsync(pair, DeltaQuality.Best, 1);
        await Catalogue.DeltaJobs.EnqueueAsync(pair, DeltaQuality.Quick, 1);

        Assert.Null(await Catalogue.Deltas.AddAsync(same with { Quality = first }));
        Assert.Null(await Catalogue.Deltas.AddAsync(same with { Quality = second }));

        var kept = Assert.Single(await Catalogue.Deltas.ListAsync("app"));
        Assert.Equal((DeltaQuality.Best, same.Digest), (kept.Quality, kept.Digest));
        Assert.Empty(await Catalogue.DeltaJobs.ListAsync("app"));
    }

    [Fact]
    public async Task That_a_delta_is_not_worth_storing_is_remembered()
    {
        var (one, two, _) = await PublishThreeAsync();

        await Catalogue.Deltas.AddAsync(Delta(one, two, DeltaQuality.Best, 9000) with { Digest = null });

        Assert.Null(Assert.Single(await Catalogue.Deltas.ListAsync("app")).Digest);
        Assert.Empty(await Catalogue.Deltas.TrimAsync(0));
        Assert.False(await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, two), DeltaQuality.Best, 1));
    }

    [Fact]
    public async Task A_forgotten_delta_can_be_made_again()
    {
        var (one, two, _) = await PublishThreeAsync();
        var delta = Delta(one, two, DeltaQuality.Best, 100);
        await Catalogue.Deltas.AddAsync(delta);

        Assert.False(await Catalogue.DeltaJobs.EnqueueAsync(delta.Pair, DeltaQuality.Best, 1));
        Assert.True(await Catalogue.Deltas.ForgetAsync(delta.Digest!.Value));
        Assert.False(await Catalogue.Deltas.ForgetAsync(delta.Digest!.Value));

        Assert.True(await Catalogue.DeltaJobs.EnqueueAsync(delta.Pair, DeltaQuality.Best, 1));
    }

    [Fact]
    public async Task The_least_recently_used_deltas_go_when_there_are_too_many_bytes()
    {
        var (one, two, three) = await PublishThreeAsync();
        NewDelta[] deltas =
        [
            Delta(one, two, DeltaQuality.Best, 100), Delta(one, three, DeltaQuality.Best, 101), Delta(
                two, three, DeltaQuality.Best, 102),
        ];
        foreach (var delta in deltas)
        {
            await Catalogue.Deltas.AddAsync(delta);
            Time.Advance(TimeSpan.FromMinutes(2));
        }

        await Catalogue.Deltas.TouchAsync(deltas[0].Digest!.Value);

        Assert.Empty(await Catalogue.Deltas.TrimAsync(303));
        Assert.Equal([deltas[1].Digest!.Value], await Catalogue.Deltas.TrimAsync(302));
        Assert.Equal(
            [deltas[2].Digest, null, deltas[0].Digest], (await Catalogue.Deltas.ListAsync("app"))
                .Select(delta => delta.Digest));
        Assert.False(await Catalogue.DeltaJobs.EnqueueAsync(deltas[1].Pair, DeltaQuality.Best, 1));
        Time.Advance(IDeltaCatalogue.RemakeAfter);
        Assert.True(await Catalogue.DeltaJobs.EnqueueAsync(deltas[1].Pair, DeltaQuality.Best, 1));
    }

    [Fact]
    public async Task When_room_is_made_for_a_delta_the_object_of_the_one_that_goes_is_deleted()
    {
        var (one, two, three) = await PublishThreeAsync();
        var objects = new MemoryObjectStore();
        var cache = new DeltaCache(objects, Catalogue.Deltas, maxBytes: 250);
        List<NewDelta> made = [];
        foreach (var (from, to) in new[] { (one, two), (one, three), (two, three) })
        {
            var bytes = Enumerable.Repeat((byte)made.Count, 100).ToArray();
            made.Add(new NewDelta(new DeltaPair(from, to), DeltaQuality.Best, Digest.Of(bytes), 100, 3, 5000));
            await objects.PutAsync(ObjectName.Delta(made[^1].Digest!.Value), bytes, CancellationToken.None);
            await cache.AddAsync(made[^1], CancellationToken.None);
            Time.Advance(TimeSpan.FromMinutes(2));
        }

        var lengths = new List<long?>();
        foreach (var delta in made)
            lengths.Add(await objects.FindLengthAsync(ObjectName.Delta(delta.Digest!.Value), CancellationToken.None));

        Assert.Equal([null, 100, 100], lengths);
        Assert.Empty(await cache.FindAsync(made[0].Pair, CancellationToken.None));
        Assert.Single(await cache.FindAsync(made[2].Pair, CancellationToken.None));
    }

    [Fact]
    public async Task A_delta_is_kept_although_the_one_that_goes_for_it_cannot_be_deleted()
    {
        var (one, two, three) = await PublishThreeAsync();
        var objects = new FaultyObjectStore { DeleteFailure = _ => new StoreUnavailableException("no answer") };
        var cache = new DeltaCache(objects, Catalogue.Deltas, maxBytes: 150);
        NewDelta[] made = [Delta(one, two, DeltaQuality.Best, 100), Delta(two, three, DeltaQuality.Best, 100)];
        foreach (var delta in made)
        {
            await objects.PutAsync(ObjectName.Delta(delta.Digest!.Value), new byte[100]);
            await cache.AddAsync(delta, CancellationToken.None);
            Time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Empty(await cache.FindAsync(made[0].Pair, CancellationToken.None));
        Assert.Single(await cache.FindAsync(made[1].Pair, CancellationToken.None));
    }

    [Fact]
    public async Task A_quick_delta_goes_a_while_after_the_best_one_came()
    {
        var (one, two, _) = await PublishThreeAsync();
        var quick = Delta(one, two, DeltaQuality.Quick, 200);
        await Catalogue.Deltas.AddAsync(quick);
        await Catalogue.Deltas.AddAsync(Delta(one, two, DeltaQuality.Best, 100));

        Assert.Empty(await Catalogue.Deltas.TrimAsync(long.MaxValue));
        Time.Advance(IDeltaCatalogue.Grace);

        Assert.Equal([quick.Digest!.Value], await Catalogue.Deltas.TrimAsync(long.MaxValue));
    }

    [Fact]
    public async Task Jobs_are_taken_once_each_by_priority_then_age()
    {
        var (one, two, three) = await PublishThreeAsync();
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, two), DeltaQuality.Best, 5);
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, three), DeltaQuality.Best, 5);
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(two, three), DeltaQuality.Quick, 9);
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, three), DeltaQuality.Best, 5);
        await ReopenAsync();

        List<DeltaJob> taken = [];
        while (await Catalogue.DeltaJobs.ClaimAsync() is { } job) taken.Add(job);

        Assert.Equal(
            [new DeltaPair(two, three), new DeltaPair(one, two), new DeltaPair(one, three)],
            taken.Select(job => job.Pair));
        Assert.Equal(("app", "any", "1.1.0", "1.2.0"), (
            taken[0].Product, taken[0].Platform, taken[0].FromVersion, taken[0].ToVersion));
        Assert.All(taken, job => Assert.Equal((DeltaJobState.Running, 1), (job.State, job.Attempts)));
        Assert.Equal(taken, await Catalogue.DeltaJobs.ListAsync("app"));
        Assert.Empty(await Catalogue.DeltaJobs.ListAsync("other"));
    }

    [Fact]
    public async Task Who_takes_quick_jobs_alone_leaves_best_ones_of_any_priority_to_others()
    {
        var (one, two, three) = await PublishThreeAsync();
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, three), DeltaQuality.Best, 9);
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, two), DeltaQuality.Quick, 5);

        Assert.Equal(new DeltaPair(one, two), (await Catalogue.DeltaJobs.ClaimAsync(onlyQuick: true))?.Pair);
        Assert.Null(await Catalogue.DeltaJobs.ClaimAsync(onlyQuick: true));

        Assert.Equal(new DeltaPair(one, three), (await Catalogue.DeltaJobs.ClaimAsync())?.Pair);
    }

    [Fact]
    public async Task The_queue_tells_its_length_and_age()
    {
        Assert.Equal(new DeltaQueueFigures(0, 0, 0, null), await Catalogue.DeltaJobs.ReadFiguresAsync());
        var (one, two, three) = await PublishThreeAsync();
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, two), DeltaQuality.Best, 9);
        Time.Advance(TimeSpan.FromMinutes(1));
        var second = Time.GetUtcNow();
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, three), DeltaQuality.Best, 5);
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(two, three), DeltaQuality.Best, 1);

        await Catalogue.DeltaJobs.ClaimAsync();

        Assert.Equal(new DeltaQueueFigures(2, 1, 0, second), await Catalogue.DeltaJobs.ReadFiguresAsync());
    }

    [Fact]
    public async Task A_job_that_is_asked_for_again_may_become_more_urgent_but_not_less()
    {
        var (one, two, _) = await PublishThreeAsync();
        foreach (var priority in new[] { 5, 9, 1 })
            Assert.True(await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, two), DeltaQuality.Best, priority));

        Assert.Equal(9, Assert.Single(await Catalogue.DeltaJobs.ListAsync("app")).Priority);
    }

    [Fact]
    public async Task A_job_whose_lease_ran_out_is_taken_by_another_and_one_that_is_renewed_is_not()
    {
        var job = await TakeOneAsync();
        Time.Advance(IDeltaJobs.Lease - TimeSpan.FromSeconds(1));
        await Catalogue.DeltaJobs.RenewAsync(job);
        Time.Advance(IDeltaJobs.Lease - TimeSpan.FromSeconds(1));
        Assert.Null(await Catalogue.DeltaJobs.ClaimAsync());

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(job with { Attempts = 2, Claim = 2 }, await Catalogue.DeltaJobs.ClaimAsync());
    }

    [Fact]
    public async Task Whoever_lost_its_lease_can_neither_renew_nor_give_back_the_job_of_another()
    {
        var lost = await TakeOneAsync();
        Time.Advance(IDeltaJobs.Lease);
        var held = (await Catalogue.DeltaJobs.ClaimAsync())!;

        await Catalogue.DeltaJobs.FailAsync(lost, "late");
        await Catalogue.DeltaJobs.ReturnAsync(lost);
        Assert.Equal([held], await Catalogue.DeltaJobs.ListAsync("app"));

        Time.Advance(IDeltaJobs.Lease - TimeSpan.FromSeconds(1));
        await Catalogue.DeltaJobs.RenewAsync(lost);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(held with { Attempts = 3, Claim = 3 }, await Catalogue.DeltaJobs.ClaimAsync());
    }

    [Fact]
    public async Task A_new_process_takes_over_what_the_old_one_was_doing()
    {
        var job = await TakeOneAsync();
        await ReopenAsync();
        Assert.Null(await Catalogue.DeltaJobs.ClaimAsync());

        await Catalogue.DeltaJobs.ReturnAllAsync();

        Assert.Equal(job with { Attempts = 2, Claim = 2 }, await Catalogue.DeltaJobs.ClaimAsync());
    }

    [Fact]
    public async Task A_job_that_ends_its_server_each_time_is_left_though_it_is_asked_for_again_and_again()
    {
        var job = await TakeOneAsync();
        Time.Advance(Long);
        for (var attempt = 2; attempt <= IDeltaJobs.MaxAttempts; attempt++)
        {
            await Catalogue.DeltaJobs.ReturnAllAsync();
            Assert.Equal(attempt, (await Catalogue.DeltaJobs.ClaimAsync())?.Attempts);
        }

        await Catalogue.DeltaJobs.ReturnAllAsync();

        Assert.False(await Catalogue.DeltaJobs.EnqueueAsync(job.Pair, job.Quality, 1));
        Assert.Null(await Catalogue.DeltaJobs.ClaimAsync());
        var left = Assert.Single(await Catalogue.DeltaJobs.ListAsync("app"));
        Assert.Equal((DeltaJobState.Failed, "the server ended during this try"), (left.State, left.Error));
    }

    [Fact]
    public async Task A_job_that_fails_is_tried_again_after_a_while_and_then_left()
    {
        var job = await TakeOneAsync();
        for (var attempt = 1; attempt < IDeltaJobs.MaxAttempts; attempt++)
        {
            await Catalogue.DeltaJobs.FailAsync(job!, $"failure {attempt}");
            Assert.Null(await Catalogue.DeltaJobs.ClaimAsync());
            Assert.Equal(
                (DeltaJobState.Queued, $"failure {attempt}"),
                Assert.Single((await Catalogue.DeltaJobs.ListAsync("app")).Select(one => (one.State, one.Error))));
            Time.Advance(TimeSpan.FromMinutes(5));
            job = await Catalogue.DeltaJobs.ClaimAsync();
            Assert.Equal(attempt + 1, job?.Attempts);
        }

        await Catalogue.DeltaJobs.FailAsync(job!, "the last");
        Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Null(await Catalogue.DeltaJobs.ClaimAsync());
        Assert.False(await Catalogue.DeltaJobs.EnqueueAsync(job!.Pair, job.Quality, 1));
        Assert.Equal(DeltaJobState.Failed, Assert.Single(await Catalogue.DeltaJobs.ListAsync("app")).State);
        Time.Advance(Long);
        Assert.True(await Catalogue.DeltaJobs.EnqueueAsync(job.Pair, job.Quality, 1));
        Assert.Equal(1, (await Catalogue.DeltaJobs.ClaimAsync())?.Attempts);
    }

    [Fact]
    public async Task A_try_that_was_given_back_does_not_count()
    {
        var job = await TakeOneAsync();

        await Catalogue.DeltaJobs.ReturnAsync(job);

        Assert.Equal(job with { Claim = 2 }, await Catalogue.DeltaJobs.ClaimAsync());
    }

    [Fact]
    public async Task A_job_that_was_given_back_for_a_while_is_taken_after_it()
    {
        var job = await TakeOneAsync();

        await Catalogue.DeltaJobs.ReturnAsync(job, TimeSpan.FromSeconds(30));

        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Null(await Catalogue.DeltaJobs.ClaimAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(job with { Claim = 2 }, await Catalogue.DeltaJobs.ClaimAsync());
    }

    [Fact]
    public async Task A_delta_ends_its_job_and_a_best_one_that_of_the_quick_one()
    {
        var (one, two, _) = await PublishThreeAsync();
        var pair = new DeltaPair(one, two);
        await Catalogue.DeltaJobs.EnqueueAsync(pair, DeltaQuality.Best, 1);
        await Catalogue.DeltaJobs.EnqueueAsync(pair, DeltaQuality.Quick, 2);

        await Catalogue.Deltas.AddAsync(Delta(one, two, DeltaQuality.Quick, 200));
        Assert.Equal([DeltaQuality.Best], (await Catalogue.DeltaJobs.ListAsync("app")).Select(job => job.Quality));
        await Catalogue.Deltas.AddAsync(Delta(one, two, DeltaQuality.Best, 100));

        Assert.Empty(await Catalogue.DeltaJobs.ListAsync("app"));
        Assert.False(await Catalogue.DeltaJobs.EnqueueAsync(pair, DeltaQuality.Quick, 1));
    }

    [Fact]
    public async Task Of_many_workers_each_gets_another_job()
    {
        var (one, two, three) = await PublishThreeAsync();
        foreach (var (from, to) in new[] { (one, two), (one, three), (two, three) })
            await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(from, to), DeltaQuality.Best, 1);

        var taken = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => Catalogue.DeltaJobs.ClaimAsync())));

        Assert.Equal(3, taken.OfType<DeltaJob>().Select(job => job.Id).Distinct().Count());
        Assert.Equal(5, taken.Count(job => job is null));
    }

    private async Task<DeltaJob> TakeOneAsync()
    {
        var (one, two, _) = await PublishThreeAsync();
        await Catalogue.DeltaJobs.EnqueueAsync(new DeltaPair(one, two), DeltaQuality.Best, 1);
        return (await Catalogue.DeltaJobs.ClaimAsync())!;
    }

    private async Task<(Digest One, Digest Two, Digest Three)> PublishThreeAsync()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200, 300]), Guid.NewGuid());
        var releases = new[] { Release("1.0.0", 1, 100), Release("1.1.0", 2, 200), Release("1.2.0", 3, 300) };
        foreach (var release in releases) await Publish(release, release.Counter);
        return (releases[0].Manifest, releases[1].Manifest, releases[2].Manifest);
    }

    private static NewDelta Delta(Digest from, Digest to, DeltaQuality quality, long bytes) => new(
        new DeltaPair(from, to), quality, Hash($"delta {from} {to} {quality} {bytes}"), bytes, 3, 5000);
}
