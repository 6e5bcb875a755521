using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Scrubbing;

public sealed class ScrubberTests
{
    [Fact]
    public async Task A_pass_goes_on_where_a_killed_server_left_it()
    {
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var bench = await StoreBench.CreateAsync(time);
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000), ("b", 2, 500_000)));
        await bench.PublishAsync("1.1.0", Tree.Of(("a", 3, 600_000), ("b", 4, 500_000)));
        var objects = 1 + 2 + 2 + 4;
        var killed = Guid.NewGuid();
        var pass = (await bench.Catalogue.Scrubs.ClaimAsync(ScrubDepth.Full, killed))!;
        var first = (await bench.Catalogue.Damage.ListObjectsAsync(ObjectKind.Pack, default, 1))[0].Name;
        await bench.Catalogue.Scrubs.SaveAsync(pass with { After = first.Digest, Objects = 1, Bytes = 5 }, killed);
        await bench.Objects.DeleteAsync(first);

        Assert.Null(await bench.Store.Scrubbing.Scrubber.RunAsync(ScrubDepth.Full, default));
        time.Advance(IScrubPasses.Lease);
        var finished = await bench.ScrubAsync(ScrubDepth.Full);

        // What lies before the position is not read again: the next pass finds it.
        Assert.Equal((objects, 0), (finished.Objects, finished.Damaged));
        Assert.Equal(1, (await bench.ScrubAsync(ScrubDepth.Full)).Damaged);
    }

    [Fact]
    public async Task A_pass_that_fails_lets_another_server_go_on_at_once()
    {
        await using var bench = await StoreBench.CreateAsync();
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000)));
        using var stopped = new CancellationTokenSource();
        bench.Store.Scrubbing.Watch.Observer = (_, _) => stopped.Cancel();
        foreach (var file in await bench.FilesAsync(ObjectKind.Pack)) File.Delete(file);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bench.Store.Scrubbing.Scrubber.RunAsync(ScrubDepth.Quick, stopped.Token));

        Assert.Equal(4, (await bench.ScrubAsync(ScrubDepth.Quick)).Objects);
    }

    [Fact]
    public async Task A_release_is_verified_alone_when_a_device_complains()
    {
        await using var bench = await StoreBench.CreateAsync();
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000)));
        await bench.PublishAsync("1.1.0", Tree.Of(("a", 2, 600_000)));
        foreach (var file in await bench.FilesAsync(ObjectKind.Pack)) File.Delete(file);
        var old = (await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0"))!;
        var release = (await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.1.0"))!;
        var pair = new DeltaPair(old.Manifest, release.Manifest);
        await bench.Catalogue.Deltas.AddAsync(
            new NewDelta(pair, DeltaQuality.Quick, Digest.Of("delta"u8), 5, 1, 600_000));

        Assert.Equal(2, await bench.Store.Scrubbing.Scrubber.VerifyReleaseAsync(release.Manifest, default));

        // A delta is a cache: it is forgotten, not marked.
        Assert.Empty(await bench.Catalogue.Deltas.FindAsync(pair));
        Assert.Equal("1.1.0", Assert.Single(await bench.FindAffectedAsync()).Release.Version);
    }

    [Fact]
    public async Task A_scrub_reads_no_faster_than_it_may()
    {
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        var pace = new ReadPace(1_000_000, time);

        var slow = pace.WaitAsync(3_000_000, default);

        Assert.False(slow.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        await slow;
    }

    [Fact]
    public async Task The_catalogue_is_checked_at_the_end_of_a_pass()
    {
        await using var bench = await StoreBench.CreateAsync();

        Assert.Equal("", (await bench.ScrubAsync(ScrubDepth.Full)).Catalogue);
        Assert.Equal("", await bench.Catalogue.Damage.CheckIntegrityAsync(isFull: false));
    }
}
