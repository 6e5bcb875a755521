using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Sending;

public sealed class SendingGateTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_transfer_waits_for_a_permit_and_then_begins()
    {
        var gate = Gate(atOnce: 1);
        var first = await EnterAsync(gate, "a");
        var second = EnterAsync(gate, "b");
        Assert.False(second.IsCompleted);

        first.Dispose();
        first.Dispose();

        using var admitted = await second;
        Assert.False(EnterAsync(gate, "c").IsCompleted);
    }

    [Fact]
    public async Task A_transfer_that_waits_for_too_long_is_told_when_to_come_back()
    {
        var gate = Gate(atOnce: 1);
        using var first = await EnterAsync(gate, "a");
        var second = EnterAsync(gate, "b");

        _time.Advance(SendingGate.Patience);

        var refusal = await Assert.ThrowsAsync<RetryLaterException>(() => second);
        Assert.Equal(ErrorCodes.Throttled, refusal.Code);
        Assert.InRange(refusal.RetryAfter, SendingGate.Patience / 2, SendingGate.Patience * 1.5);
    }

    [Fact]
    public async Task A_long_transfer_lets_others_go_first_after_its_turn()
    {
        var gate = Gate(atOnce: 1);
        using var first = await EnterAsync(gate, "a");
        var second = EnterAsync(gate, "b");
        await first.SpendAsync(1000, default);
        Assert.False(second.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(11));
        var goesOn = first.SpendAsync(1000, default).AsTask();

        using (await second) Assert.False(goesOn.IsCompleted);
        await goesOn;
    }

    [Fact]
    public async Task A_spent_budget_delays_and_a_long_debt_is_refused_with_its_time()
    {
        var gate = new SendingGate(new SendingLimits(10, 10, 0, 100, 1000), _time);
        using var transfer = await EnterAsync(gate, "a");
        await transfer.SpendAsync(2000, default);
        var delayed = transfer.SpendAsync(10_000, default).AsTask();
        Assert.False(delayed.IsCompleted);
        using var other = await EnterAsync(gate, "b");

        _time.Advance(TimeSpan.FromSeconds(10));
        await delayed;
        var refusal = await Assert.ThrowsAsync<RetryLaterException>(
            async () => await transfer.SpendAsync(1, default));

        Assert.Equal(TimeSpan.FromSeconds(100), refusal.RetryAfter);
        await Assert.ThrowsAsync<RetryLaterException>(() => EnterAsync(gate, "a"));
    }

    private SendingGate Gate(int atOnce) => new(new SendingLimits(atOnce, atOnce, 0, 0, 0), _time);

    private static Task<Transfer> EnterAsync(SendingGate gate, string caller) =>
        gate.EnterAsync(new Caller(CallerRole.Device, caller, "app"), default).AsTask();
}
