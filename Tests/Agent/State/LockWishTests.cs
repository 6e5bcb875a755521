using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Agent.Update;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.State;

public sealed class LockWishTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_run_gives_the_lock_up_to_a_person_who_wants_it()
    {
        var held = _rig.Product.Lock();
        using var yield = new LockYield(_rig.Product, _rig.Clock, default);
        var stopped = new TaskCompletionSource();
        await using var end = yield.Token.Register(() =>
        {
            held.Dispose();
            stopped.SetResult();
        });

        using (await Task.Run(() => LockWish.Acquire(_rig.Product, _rig.Clock, default)))
            await stopped.Task;

        Assert.True(yield.IsWanted);
        Assert.Equal(ErrorCodes.Busy, yield.Failure.Code);
        Assert.False(FileLock.IsHeld(_rig.Product.WishPath));
        Assert.False(FileLock.IsHeld(_rig.Product.LockPath));
    }

    [Fact]
    public void Whoever_does_not_give_it_up_is_not_waited_for_for_ever()
    {
        using var held = _rig.Product.Lock();
        var clock = new FastClock();

        var failure = Assert.Throws<ChunkOtaException>(() => LockWish.Acquire(_rig.Product, clock, default));

        Assert.Equal(ErrorCodes.Busy, failure.Code);
        Assert.False(FileLock.IsHeld(_rig.Product.WishPath));
    }

    [Fact]
    public void A_lock_that_nobody_wants_stays_with_its_run()
    {
        using var held = _rig.Product.Lock();
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        using var yield = new LockYield(_rig.Product, time, default);

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(yield.IsWanted);
        Assert.False(yield.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_revert_takes_the_lock_from_a_download_which_goes_on_later()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
        await _rig.UpdateAsync();
        var third = UpdateRunTests.First("1.2.0", 3).File("new", TestRelease.Random(9, 90_000));
        _rig.Source.Publish(third, 3);
        Task<InstalledRelease>? revert = null;
        _rig.Source.BeforeFrame = frame =>
        {
            if (frame == 5)
            {
                revert = Task.Run(() => _rig.Installed.Revert("editor"));
                Assert.True(SpinWait.SpinUntil(() => _rig.Yield!.IsWanted, TimeSpan.FromMinutes(1)));
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _rig.UpdateAsync());

        Assert.Equal("1.0.0", (await revert!).Version);
        var sent = _rig.Source.ChunksSent.Count;
        _rig.Source.BeforeFrame = null;
        await _rig.UpdateAsync();
        _rig.AssertCurrent(third);
        Assert.InRange(_rig.Source.ChunksSent.Count - sent, 1, third.Chunks["new"].Count);
    }

    [Fact]
    public async Task A_revert_takes_the_lock_from_a_repair()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
        await _rig.UpdateAsync();
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        Task<InstalledRelease>? revert = null;
        var monitor = new RunMonitor(time, new Told(() =>
        {
            if (revert is not null)
                return;
            revert = Task.Run(() => _rig.Installed.Revert("editor"));
            Assert.True(SpinWait.SpinUntil(
                () => FileLock.IsHeld(_rig.Product.WishPath), TimeSpan.FromMinutes(1)));
            time.Advance(TimeSpan.FromSeconds(1));
        }));
        var options = new AgentOptions { Home = _rig.Home.Root };
        var repair = new RepairRun(
            _rig.Local,
            _rig.TrustStore,
            new EnrolledServer(_rig.Home, _rig.TrustStore, options, time),
            DateTimeOffset.UnixEpoch,
            monitor);

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => repair.RunAsync("editor", null, default));

        Assert.Equal(ErrorCodes.Busy, failure.Code);
        Assert.Equal("1.0.0", (await revert!).Version);
    }

    private sealed class Told(Action action) : IProgress<UpdateProgress>
    {
        public void Report(UpdateProgress value) => action();
    }

    /// <summary>A clock that runs a hundred times faster.</summary>
    private sealed class FastClock : TimeProvider
    {
        public override long GetTimestamp() => base.GetTimestamp() * 100;

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 100, period);
    }
}
