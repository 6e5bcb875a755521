using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Store.Scrubbing;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Publishing;

/// <summary>Commits on a store that takes its time.</summary>
public sealed class ReleaseCommitterTests
{
    private const int FilesWithRecipes = 8;

    [Fact]
    public async Task Recipes_are_read_eight_at_once()
    {
        await using var bench = await StoreBench.CreateAsync();
        var (lease, envelope) = await bench.SendAsync("1.0.0", Sample());
        var (reads, all) = (0, new TaskCompletionSource());
        var objects = new HookedObjectStore(bench.Objects)
        {
            OnRead = async (name, cancel) =>
            {
                if (name.Kind != ObjectKind.Recipe) return;
                if (Interlocked.Increment(ref reads) == FilesWithRecipes) all.SetResult();
                await all.Task.WaitAsync(TimeSpan.FromSeconds(60), cancel);
            },
        };

        await CommitterOf(bench, objects, TimeProvider.System).CommitAsync(lease, envelope, null, default);

        Assert.Equal(FilesWithRecipes, reads);
    }

    [Fact]
    public async Task A_lease_is_kept_while_its_commit_takes_longer_than_its_life()
    {
        var clock = new ManualTime(TimeProvider.System.GetUtcNow());
        await using var bench = await StoreBench.CreateAsync(clock);
        var (lease, envelope) = await bench.SendAsync("1.0.0", Sample());
        HashSet<ObjectKind> slow = [ObjectKind.Recipe, ObjectKind.Pack];
        var objects = new HookedObjectStore(bench.Objects) { OnRead = Wait, OnLook = Wait };

        await CommitterOf(bench, objects, TimeProvider.System).CommitAsync(lease, envelope, null, default);

        Assert.Empty(slow);
        Assert.NotNull(await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0"));

        Task Wait(ObjectName name, CancellationToken _)
        {
            lock (slow)
            {
                if (slow.Remove(name.Kind)) clock.Advance(IPublishLeases.Lifetime * 0.6);
            }

            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_look_at_a_release_that_would_take_too_long_is_left_to_the_commit()
    {
        await using var bench = await StoreBench.CreateAsync();
        await bench.PublishAsync("1.0.0", Sample());
        var release = await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0");
        var isReading = new TaskCompletionSource();
        var objects = new HookedObjectStore(bench.Objects)
        {
            OnRead = (name, cancel) =>
            {
                if (name.Kind != ObjectKind.Recipe) return Task.CompletedTask;
                isReading.TrySetResult();
                return Task.Delay(Timeout.Infinite, cancel);
            },
        };
        var clock = new ManualTime(TimeProvider.System.GetUtcNow());

        var look = CommitterOf(bench, objects, clock).ProbeAsync(release!, default);
        await isReading.Task;
        clock.Advance(ReleaseCommitter.ProbeLimit);
        await look;

        Assert.False(await bench.Catalogue.Damage.HasAnyAsync());
    }

    private static Tree Sample() =>
        Tree.Of([.. Enumerable.Range(0, FilesWithRecipes).Select(i => ($"file{i}", i, 600_000))]);

    private static ReleaseCommitter CommitterOf(StoreBench bench, IObjectStore objects, TimeProvider clock) => new(
        objects, bench.Catalogue, ManifestLimits.Default, long.MaxValue, bench.Store.Scrubbing.Watch, clock);
}
