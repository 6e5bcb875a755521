using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Sharing;

public sealed class FairGateTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_caller_at_its_limit_leaves_the_rest_to_others()
    {
        var gate = new FairGate(4, 2, _time);
        var greedy = Enumerable.Range(0, 8).Select(_ => EnterAsync(gate, "greedy")).ToList();

        Assert.Equal(2, greedy.Count(entered => entered.IsCompleted));
        Assert.True(await EnterAsync(gate, "other"));
        Assert.True(await EnterAsync(gate, "other"));
        Assert.True(gate.IsWanted);
    }

    [Fact]
    public async Task A_free_permit_goes_to_the_caller_that_holds_the_fewest()
    {
        var gate = new FairGate(2, 2, _time);
        Assert.True(await EnterAsync(gate, "first"));
        Assert.True(await EnterAsync(gate, "first"));
        var again = EnterAsync(gate, "first");
        var second = EnterAsync(gate, "second");
        var third = EnterAsync(gate, "third");

        gate.Release("first");
        Assert.True(await second);
        Assert.False(again.IsCompleted);
        gate.Release("second");
        Assert.True(await third);
        Assert.False(again.IsCompleted);
        gate.Release("first");
        Assert.True(await again);
        Assert.False(gate.IsWanted);
    }

    [Fact]
    public async Task Equals_are_served_in_their_order()
    {
        var gate = new FairGate(1, 1, _time);
        Assert.True(await EnterAsync(gate, "holder"));
        List<string> order = [];
        var waiting = Enumerable.Range(0, 5).Select(i => NoteAsync($"caller{i}")).ToList();

        gate.Release("holder");
        await Task.WhenAll(waiting);

        Assert.Equal(["caller0", "caller1", "caller2", "caller3", "caller4"], order);

        async Task NoteAsync(string caller)
        {
            await EnterAsync(gate, caller);
            order.Add(caller);
            gate.Release(caller);
        }
    }

    [Fact]
    public async Task A_wait_ends_and_leaves_nothing_behind()
    {
        var gate = new FairGate(1, 1, _time);
        using var cancel = new CancellationTokenSource();
        Assert.True(await EnterAsync(gate, "holder"));
        var late = EnterAsync(gate, "late");
        var cancelled = gate.TryEnterAsync("cancelled", Long, cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _time.Advance(Long);
        Assert.False(await late);
        Assert.False(gate.IsWanted);

        gate.Release("holder");
        Assert.True(await EnterAsync(gate, "late"));
    }

    [Fact]
    public async Task No_permit_is_lost_or_made_when_many_come_and_go()
    {
        var gate = new FairGate(3, 2, TimeProvider.System);
        var (inside, most, entries) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 200; i++)
            {
                var patience = TimeSpan.FromMilliseconds(random.Next(0, 3));
                if (!await gate.TryEnterAsync($"caller{worker % 4}", patience, default)) continue;
                Interlocked.Increment(ref entries);
                var now = Interlocked.Increment(ref inside);
                lock (gate) most = Math.Max(most, now);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                gate.Release($"caller{worker % 4}");
            }
        })));

        Assert.InRange(most, 1, 3);
        Assert.True(entries > 100);
        Assert.True(await EnterAsync(gate, "a") && await EnterAsync(gate, "b") && await EnterAsync(gate, "c"));
        Assert.False(await gate.TryEnterAsync("d", TimeSpan.Zero, default));
    }

    private static Task<bool> EnterAsync(FairGate gate, string caller) =>
        gate.TryEnterAsync(caller, Long, default).AsTask();
}
