using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Watch;

public sealed class WatchScheduleTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly WatchSchedule _schedule = new(new Random(1)) { Poll = TimeSpan.FromHours(1) };
    private TimeSpan _now;

    [Fact]
    public void The_first_turns_are_spread_over_five_minutes()
    {
        string[] products = [.. Enumerable.Range(0, 100).Select(i => $"product{i}")];
        _schedule.Follow(products, _now);

        List<int> counts = [];
        for (var i = 0; i < 5; i++)
        {
            _now += Minute;
            counts.Add(0);
            while (_schedule.BeginDue(_now) is { Count: > 0 } due)
            {
                counts[i] += due.Count;
                foreach (var product in due)
                    _schedule.End(product, new TurnEnd(TurnEndKind.Done), _now);
            }
        }

        Assert.Equal(100, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 5, 40));
    }

    [Fact]
    public void A_poll_is_a_tenth_around_its_time()
    {
        for (var i = 0; i < 50; i++)
        {
            TakeTurn(new TurnEnd(TurnEndKind.Done));
            Assert.InRange(Pause(), 54 * Minute, 66 * Minute);
        }
    }

    [Fact]
    public void The_time_that_a_server_asks_for_goes_before_the_usual_one()
    {
        TakeTurn(new TurnEnd(TurnEndKind.Done, Poll: TimeSpan.FromMinutes(10)));

        Assert.InRange(Pause(), 9 * Minute, 11 * Minute);
    }

    [Fact]
    public void Something_that_is_due_earlier_is_not_waited_past()
    {
        TakeTurn(new TurnEnd(TurnEndKind.Done, Within: TimeSpan.FromSeconds(7)));

        Assert.Equal(TimeSpan.FromSeconds(7), Pause());
    }

    [Fact]
    public void Pauses_after_failures_double_up_to_the_time_between_two_checks()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600 })
        {
            TakeTurn(new TurnEnd(TurnEndKind.Failed));
            Assert.InRange(Pause(), TimeSpan.FromSeconds(seconds / 2.0), TimeSpan.FromSeconds(seconds));
        }
    }

    [Fact]
    public void A_success_ends_the_growth_of_the_pauses()
    {
        for (var i = 0; i < 40; i++)
            TakeTurn(new TurnEnd(TurnEndKind.Failed));
        TakeTurn(new TurnEnd(TurnEndKind.Done));
        TakeTurn(new TurnEnd(TurnEndKind.Failed));

        Assert.InRange(Pause(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_busy_product_is_tried_shortly_then_ever_later_and_that_is_not_a_failure()
    {
        TakeTurn(new TurnEnd(TurnEndKind.Failed));
        foreach (var seconds in new[] { 5, 10, 20, 40, 80, 160, 300, 300 })
        {
            TakeTurn(new TurnEnd(TurnEndKind.Busy));
            Assert.Equal(TimeSpan.FromSeconds(seconds), Pause());
        }
        TakeTurn(new TurnEnd(TurnEndKind.Failed));

        Assert.InRange(Pause(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        TakeTurn(new TurnEnd(TurnEndKind.Busy));
        Assert.Equal(TimeSpan.FromSeconds(5), Pause());
    }

    [Fact]
    public void Of_a_hundred_products_that_are_due_four_have_their_turn_at_once()
    {
        string[] products = [.. Enumerable.Range(0, 100).Select(i => $"product{i}")];
        _schedule.Follow(products, _now);
        _schedule.WantAll(_now);
        HashSet<string> seen = [.. _schedule.BeginDue(_now)];

        Assert.Equal(4, seen.Count);
        Assert.Null(_schedule.FindNext());
        foreach (var ended in (string[])[.. seen])
        {
            _schedule.End(ended, new TurnEnd(TurnEndKind.Done), _now);
            Assert.Equal(_now, _schedule.FindNext());
            Assert.True(seen.Add(Assert.Single(_schedule.BeginDue(_now))));
        }
    }

    [Fact]
    public void A_product_whose_turn_never_ends_delays_no_other()
    {
        _schedule.Follow(["hangs", "works"], _now);
        _now += 5 * Minute;
        Assert.Equal(["hangs", "works"], _schedule.BeginDue(_now).Order());

        for (var i = 0; i < 10; i++)
        {
            _schedule.End("works", new TurnEnd(TurnEndKind.Done), _now);
            _now = _schedule.FindNext()!.Value;
            Assert.Equal(["works"], _schedule.BeginDue(_now));
        }
    }

    [Fact]
    public void What_is_wanted_during_a_turn_comes_right_after_it()
    {
        _schedule.Follow(["editor"], _now);
        _now += 5 * Minute;
        _schedule.BeginDue(_now);

        _schedule.WantAll(_now);
        Assert.Null(_schedule.FindNext());
        _now += Minute;
        _schedule.End("editor", new TurnEnd(TurnEndKind.Failed), _now);

        Assert.Equal(["editor"], _schedule.BeginDue(_now));
    }

    [Fact]
    public void A_hint_brings_a_turn_forward_and_never_puts_it_off()
    {
        TakeTurn(new TurnEnd(TurnEndKind.Done));

        _schedule.Want("editor", _now + TimeSpan.FromSeconds(13));
        _schedule.Want("editor", _now + TimeSpan.FromHours(3));
        _schedule.Want("unknown", _now);

        Assert.Equal(TimeSpan.FromSeconds(13), Pause());
        _now = _schedule.FindNext()!.Value;
        _schedule.BeginDue(_now);
        _schedule.Want("editor", _now + Minute);
        _schedule.End("editor", new TurnEnd(TurnEndKind.Done), _now);
        Assert.Equal(Minute, Pause());
    }

    [Fact]
    public void A_server_that_asks_for_time_gets_it_whatever_it_hints()
    {
        var asked = TimeSpan.FromSeconds(40);
        for (var i = 0; i < 5; i++)
        {
            TakeTurn(new TurnEnd(TurnEndKind.Failed, NotBefore: asked));
            var pause = Pause();
            Assert.InRange(pause, asked, asked * 1.25);

            _schedule.Want("editor", _now);
            Assert.Equal(pause, Pause());
        }

        TakeTurn(new TurnEnd(TurnEndKind.Done));
        _schedule.Want("editor", _now);
        Assert.Equal(TimeSpan.FromSeconds(10), Pause());
    }

    [Fact]
    public void A_hint_during_a_turn_that_is_refused_does_not_shorten_the_time_that_the_server_asks_for()
    {
        _schedule.Follow(["editor"], _now);
        _now = _schedule.FindNext()!.Value;
        _schedule.BeginDue(_now);
        _schedule.Want("editor", _now);

        _schedule.End("editor", new TurnEnd(TurnEndKind.Failed, NotBefore: TimeSpan.FromSeconds(40)), _now);

        Assert.InRange(Pause(), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void A_server_that_hints_again_and_again_does_not_keep_a_device_busy()
    {
        for (var i = 0; i < 5; i++)
        {
            TakeTurn(new TurnEnd(TurnEndKind.Done));
            _schedule.Want("editor", _now);
            Assert.Equal(TimeSpan.FromSeconds(10), Pause());
            _now = _schedule.FindNext()!.Value;
            _schedule.BeginDue(_now);
            _schedule.Want("editor", _now);
            _schedule.End("editor", new TurnEnd(TurnEndKind.Done), _now);
            Assert.Equal(TimeSpan.FromSeconds(10), Pause());
        }
    }

    [Fact]
    public void Products_that_are_new_are_followed_and_those_that_are_gone_are_not()
    {
        _schedule.Follow(["one", "two"], _now);
        _schedule.Follow(["two", "three"], _now);
        _now += 5 * Minute;

        Assert.Equal(["three", "two"], _schedule.BeginDue(_now).Order());
        _schedule.Follow([], _now);
        _schedule.End("two", new TurnEnd(TurnEndKind.Done), _now);
        _schedule.End("three", new TurnEnd(TurnEndKind.Done), _now);
        _schedule.Follow([], _now);
        Assert.Null(_schedule.FindNext());
    }

    /// <summary>Waits for the turn of one product, and ends it at once.</summary>
    private void TakeTurn(TurnEnd end)
    {
        _schedule.Follow(["editor"], _now);
        _now = _schedule.FindNext()!.Value;
        Assert.Equal(["editor"], _schedule.BeginDue(_now));
        _schedule.End("editor", end, _now);
    }

    private TimeSpan Pause() => _schedule.FindNext()!.Value - _now;
}
