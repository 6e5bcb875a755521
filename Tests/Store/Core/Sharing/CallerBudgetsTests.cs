using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Sharing;

public sealed class CallerBudgetsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Without_limits_nobody_waits()
    {
        var budgets = new CallerBudgets(0, 0, 0, _time);

        Assert.True(budgets.TrySpend("a", long.MaxValue, TimeSpan.Zero, out var wait));
        Assert.Equal(TimeSpan.Zero, wait);
    }

    [Fact]
    public void A_burst_is_free_and_what_follows_keeps_to_the_rate()
    {
        var budgets = new CallerBudgets(0, 100, 500, _time);

        Assert.Equal(TimeSpan.Zero, Spend(budgets, "a", 500));
        Assert.Equal(TimeSpan.Zero, Spend(budgets, "a", 100));
        Assert.Equal(Second, Spend(budgets, "a", 200));
        Assert.Equal(3 * Second, Spend(budgets, "a", 100));
        Assert.Equal(TimeSpan.Zero, Spend(budgets, "b", 500));

        _time.Advance(4 * Second);
        Assert.Equal(TimeSpan.Zero, Spend(budgets, "a", 1));
    }

    [Fact]
    public void A_long_pause_gives_one_burst_and_no_more()
    {
        var budgets = new CallerBudgets(0, 100, 500, _time);
        Spend(budgets, "a", 500);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(TimeSpan.Zero, Spend(budgets, "a", 600));
        Assert.Equal(Second, Spend(budgets, "a", 1));
    }

    [Fact]
    public void Whoever_would_wait_too_long_spends_nothing_and_is_told_the_time()
    {
        var budgets = new CallerBudgets(100, 0, 0, _time);
        Assert.Equal(TimeSpan.Zero, Spend(budgets, "a", 2100));

        Assert.False(budgets.TrySpend("b", 1_000_000, 15 * Second, out var wait));
        Assert.Equal(20 * Second, wait);
        _time.Advance(5 * Second);
        Assert.True(budgets.TrySpend("b", 100, 15 * Second, out wait));
        Assert.Equal(15 * Second, wait);
    }

    [Fact]
    public void The_rate_of_all_and_the_rate_of_each_both_hold()
    {
        var budgets = new CallerBudgets(1000, 100, 100, _time);
        for (var i = 0; i < 10; i++) Assert.Equal(TimeSpan.Zero, Spend(budgets, $"caller{i}", 100));

        Assert.Equal(TimeSpan.Zero, Spend(budgets, "caller0", 1000));
        Assert.Equal(Second, Spend(budgets, "new", 0));
        Assert.Equal(10 * Second, Spend(budgets, "caller0", 0));
    }

    [Fact]
    public void Callers_that_are_gone_are_forgotten_and_others_keep_their_debt()
    {
        var budgets = new CallerBudgets(0, 1, 10, _time);
        Spend(budgets, "debtor", 1_000_000);
        for (var i = 0; i < 10_000; i++)
        {
            Spend(budgets, $"caller{i}", 1);
            _time.Advance(TimeSpan.FromSeconds(0.01));
        }

        Assert.False(budgets.TrySpend("debtor", 1, Second, out _));
    }

    private static TimeSpan Spend(CallerBudgets budgets, string caller, long amount)
    {
        Assert.True(budgets.TrySpend(caller, amount, TimeSpan.MaxValue, out var wait));
        return wait;
    }
}
