namespace ChunkOta.Agent;

/// <summary>The moments at which products have their turns. Pure: time and chance come in from outside.</summary>
/// <remarks>
/// Each product has its own moments: one that fails or hangs delays no other. The first turn comes at a random moment
/// within five minutes, or the time between two checks if that is shorter, and the others a tenth around that time: a
/// fleet that starts at once does not ask at once. After failures the pauses are 1, 2, 4 … s up to the time between two
/// checks, at least a minute and at most an hour, each shortened by chance to between a half and the whole.
/// </remarks>
/// <param name="random">Chance.</param>
internal sealed class WatchSchedule(Random random)
{
    private static readonly TimeSpan MaxFirst = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastLongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostLongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConditionPause = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

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
        foreach (var (product, entry) in _entries)
        {
            if (!entry.HasTurn && entry.Due <= now)
            {
                (entry.HasTurn, entry.IsWanted) = (true, false);
                due.Add(product);
            }
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
        entry.HasTurn = false;
        if (end.Kind is TurnEndKind.Done or TurnEndKind.Failed)
            entry.Failures = end.Kind == TurnEndKind.Failed ? entry.Failures + 1 : 0;
        var pause = end.Kind switch
        {
            TurnEndKind.Failed => PauseAfter(entry.Failures) * (0.5 + random.NextDouble() / 2),
            TurnEndKind.Busy => BusyPause,
            TurnEndKind.Paused => Min(Poll, ConditionPause),
            _ => (end.Poll ?? Poll) * (0.9 + random.NextDouble() / 5),
        };
        entry.Due = entry.IsWanted ? now : now + Min(pause, end.Within ?? pause);
    }

    /// <summary>Makes every product due; one that has its turn gets another after it.</summary>
    /// <param name="now">The time.</param>
    public void WantAll(TimeSpan now)
    {
        foreach (var entry in _entries.Values)
            (entry.Due, entry.IsWanted) = (now, true);
    }

    /// <summary>Makes one product due, if it is not due earlier; one that has its turn gets another after it.</summary>
    /// <param name="product">The product.</param>
    /// <param name="due">The moment.</param>
    public void Want(string product, TimeSpan due)
    {
        if (!_entries.TryGetValue(product, out var entry))
            return;
        if (entry.HasTurn)
            entry.IsWanted = true;
        else
            entry.Due = Min(entry.Due, due);
    }

    /// <summary>Finds the next moment at which a turn is due; null while there is none to wait for.</summary>
    public TimeSpan? FindNext()
    {
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
        return failures > 20 ? longest : Min(FirstPause * (1L << (failures - 1)), longest);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed class Entry
    {
        public TimeSpan Due { get; set; }

        public int Failures { get; set; }

        public bool HasTurn { get; set; }

        public bool IsWanted { get; set; }
    }
}
