namespace ChunkOta.Agent;

/// <summary>The moments at which products have their turns. Pure: time and chance come in from outside.</summary>
/// <remarks>
/// Each product has its own schedule: one that fails or hangs does not delay the others. The first turn comes at a
/// random moment within five minutes, or within the poll interval if that is shorter; later turns vary by a tenth
/// around the interval, so that a fleet that starts together does not call the server together. After failures the
/// pauses are 1, 2, 4 … s up to the poll interval, but at least a minute and at most an hour, each shortened at random
/// to between half and all of it; a server that asks for more time is not asked before, whatever it hints. Neither a
/// product that another process works on nor a server that hints again and again keeps the device busy.
/// </remarks>
/// <param name="random">Source of chance.</param>
internal sealed class WatchSchedule(Random random)
{
    /// <summary>The most turns at once: on a slow link each must still reach the minimum rate, and a hundred products
    /// must not need memory for a hundred plans.</summary>
    private const int MostTurns = 4;

    private static readonly TimeSpan MaxFirst = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastLongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostLongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestBusyPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan HintPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConditionPause = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private int _turns;

    /// <summary>The time between two checks where nobody asks for one.</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(WatchPolicy.DefaultPollSeconds);

    /// <summary>Adds the products that are new, and forgets those that are gone.</summary>
    /// <param name="products">The products that are installed.</param>
    /// <param name="now">The time since any fixed moment.</param>
    public void Follow(IReadOnlyList<string> products, TimeSpan now)
    {
        foreach (var product in products)
        {
            if (!_entries.ContainsKey(product))
                _entries[product] = new Entry { Due = now + Min(Poll, MaxFirst) * random.NextDouble() };
        }
        List<string> gone = [];
        foreach (var (product, entry) in _entries)
        {
            if (!entry.HasTurn && !products.Contains(product))
                gone.Add(product);
        }
        foreach (var product in gone)
            _entries.Remove(product);
    }

    /// <summary>Begins the turns that are due.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The products that have their turn now, until <see cref="End"/>.</returns>
    public IReadOnlyList<string> BeginDue(TimeSpan now)
    {
        List<string> due = [];
        foreach (var (product, entry) in _entries.OrderBy(known => known.Value.Due))
        {
            if (_turns == MostTurns || entry.Due > now)
                break;
            if (entry.HasTurn)
                continue;
            (entry.HasTurn, entry.IsWanted, entry.Hint) = (true, false, null);
            _turns++;
            due.Add(product);
        }
        return due;
    }

    /// <summary>Ends a turn, and plans the next.</summary>
    /// <param name="product">The product.</param>
    /// <param name="end">The way in which it ended.</param>
    /// <param name="now">The time.</param>
    public void End(string product, TurnEnd end, TimeSpan now)
    {
        if (!_entries.TryGetValue(product, out var entry))
            return;
        (entry.HasTurn, entry.Ended) = (false, now);
        _turns--;
        if (end.Kind is TurnEndKind.Done or TurnEndKind.Failed)
            entry.Failures = end.Kind == TurnEndKind.Failed ? entry.Failures + 1 : 0;
        entry.BusyTurns = end.Kind == TurnEndKind.Busy ? entry.BusyTurns + 1 : 0;
        var pause = end.Kind switch
        {
            TurnEndKind.Failed when end.NotBefore is { } asked => RetryPause.AsAsked(asked, random.NextDouble()),
            TurnEndKind.Failed => PauseAfter(entry.Failures) * (0.5 + random.NextDouble() / 2),
            TurnEndKind.Busy => Doubled(BusyPause, entry.BusyTurns, Min(Poll, LongestBusyPause)),
            TurnEndKind.Paused => Min(Poll, ConditionPause),
            _ => (end.Poll ?? Poll) * (0.9 + random.NextDouble() / 5),
        };
        entry.Due = entry.IsWanted ? now : now + Min(pause, end.Within ?? pause);
        entry.NotBefore = end.NotBefore is null ? null : now + pause;
        if (entry.Hint is { } hint)
            entry.BringForward(hint);
    }

    /// <summary>Makes every product due; one that has its turn gets another after it.</summary>
    /// <param name="now">The time.</param>
    public void WantAll(TimeSpan now)
    {
        foreach (var entry in _entries.Values)
            (entry.Due, entry.IsWanted) = (now, true);
    }

    /// <summary>Makes one product due because its server says so, if it is not due earlier; one that has its turn gets
    /// another after it.</summary>
    /// <param name="product">The product.</param>
    /// <param name="due">The moment.</param>
    public void Want(string product, TimeSpan due)
    {
        if (!_entries.TryGetValue(product, out var entry))
            return;
        if (entry.HasTurn)
            entry.Hint = entry.Hint is { } hint ? Min(hint, due) : due;
        else
            entry.BringForward(due);
    }

    /// <summary>Finds the next moment at which a turn can begin; null while only the end of another one can bring
    /// it.</summary>
    public TimeSpan? FindNext()
    {
        if (_turns == MostTurns)
            return null;
        TimeSpan? next = null;
        foreach (var entry in _entries.Values)
        {
            if (!entry.HasTurn && (next is null || entry.Due < next))
                next = entry.Due;
        }
        return next;
    }

    private TimeSpan PauseAfter(int failures)
    {
        var longest = Min(Poll < LeastLongestPause ? LeastLongestPause : Poll, MostLongestPause);
        return Doubled(FirstPause, failures, longest);
    }

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan longest) =>
        times > 20 ? longest : Min(first * (1L << (times - 1)), longest);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed class Entry
    {
        public TimeSpan Due { get; set; }

        public TimeSpan? Ended { get; set; }

        /// <summary>The moment before which the server does not want the device back.</summary>
        public TimeSpan? NotBefore { get; set; }

        public int Failures { get; set; }

        public int BusyTurns { get; set; }

        public bool HasTurn { get; set; }

        public bool IsWanted { get; set; }

        public TimeSpan? Hint { get; set; }

        public void BringForward(TimeSpan hint)
        {
            var earliest = NotBefore ?? Ended + HintPause ?? TimeSpan.MinValue;
            Due = Min(Due, hint < earliest ? earliest : hint);
        }
    }
}
