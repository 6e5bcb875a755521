namespace ChunkOta.Storage;

/// <summary>A budget for each caller, and one for all together.</summary>
/// <remarks>Memory is bounded by the callers that spent something lately. Any number of threads at once.</remarks>
/// <param name="total">The amount a second over all callers; 0 for no limit.</param>
/// <param name="perCaller">The amount a second of one caller; 0 for no limit.</param>
/// <param name="burst">The amount that a caller spends at once after a pause.</param>
/// <param name="clock">Measures time.</param>
public sealed class CallerBudgets(long total, long perCaller, long burst, TimeProvider clock)
{
    private const int FirstSweep = 1024;

    private readonly Lock _lock = new();
    private readonly long _began = clock.GetTimestamp();
    private readonly RateBudget? _total = total > 0 ? new RateBudget(total, total) : null;
    private readonly Dictionary<string, RateBudget> _callers = [];
    private int _sweepAt = FirstSweep;

    /// <summary>Spends an amount of a caller, unless that would have to wait for too long.</summary>
    /// <param name="caller">The caller's name.</param>
    /// <param name="amount">The amount, such as bytes that are about to be sent.</param>
    /// <param name="patience">The longest wait.</param>
    /// <param name="wait">The time to wait before it is used; if nothing was spent, before the next try.</param>
    /// <returns>False when nothing was spent.</returns>
    public bool TrySpend(string caller, long amount, TimeSpan patience, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (_total is null && perCaller <= 0) return true;
        lock (_lock)
        {
            var now = clock.GetElapsedTime(_began);
            var own = perCaller > 0 ? GetBudget(caller, now) : null;
            wait = Longer(_total?.WaitAt(now), own?.WaitAt(now));
            if (wait > patience) return false;
            _total?.Spend(amount, now);
            own?.Spend(amount, now);
            return true;
        }
    }

    private static TimeSpan Longer(TimeSpan? one, TimeSpan? other) =>
        TimeSpan.FromTicks(Math.Max(one?.Ticks ?? 0, other?.Ticks ?? 0));

    private RateBudget GetBudget(string caller, TimeSpan now)
    {
        if (_callers.TryGetValue(caller, out var known)) return known;
        if (_callers.Count >= _sweepAt)
        {
            foreach (var (name, budget) in _callers)
            {
                if (budget.IsFullAt(now)) _callers.Remove(name);
            }

            _sweepAt = Math.Max(FirstSweep, 2 * _callers.Count);
        }

        var added = new RateBudget(perCaller, Math.Max(burst, perCaller));
        _callers.Add(caller, added);
        return added;
    }
}
