namespace ChunkOta.Storage;

/// <summary>An amount that may be spent in a time, such as bytes or calls: a token bucket that can be overdrawn.
/// Pure.</summary>
/// <remarks>One caller at a time.</remarks>
/// <param name="perSecond">The rate, above 0.</param>
/// <param name="burst">The amount that may be spent at once after a pause.</param>
internal sealed class RateBudget(long perSecond, long burst)
{
    private readonly TimeSpan _burst = TimeSpan.FromSeconds((double)burst / perSecond);

    /// <summary>The moment until which the rate is spent.</summary>
    private TimeSpan _spent = TimeSpan.MinValue;

    /// <summary>The time until more may be spent; zero for now.</summary>
    /// <param name="now">The time since any fixed moment; it never goes back.</param>
    public TimeSpan WaitAt(TimeSpan now) => _spent > now ? _spent - now : TimeSpan.Zero;

    /// <summary>True when the budget is as if nothing had been spent.</summary>
    public bool IsFullAt(TimeSpan now) => _spent <= now - _burst;

    /// <summary>Spends an amount. What goes beyond the budget makes the next wait longer.</summary>
    public void Spend(long amount, TimeSpan now)
    {
        var from = IsFullAt(now) ? now - _burst : _spent;
        _spent = from + TimeSpan.FromSeconds((double)amount / perSecond);
    }
}
