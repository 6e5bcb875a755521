using ChunkOta.Client;

namespace ChunkOta.Agent;

/// <summary>Watches over the calls to one server: each must bring bytes at a minimum rate while the agent waits.
/// </summary>
/// <remarks>After a call was ended for being slow, the connection is closed, so that the next call makes a new one; and
/// the next has less time to show that it is faster. The agent therefore gives up on a peer that never sends anything
/// within one and a half times the window, however often it retries.</remarks>
/// <param name="meter">Counts the bytes of the connection.</param>
/// <param name="minimum">The minimum rate.</param>
/// <param name="clock">Measures the time.</param>
/// <param name="closeConnection">Closes the connection; the next call makes a new one.</param>
internal sealed class StallWatch(WireMeter meter, MinimumRate minimum, TimeProvider clock, Action closeConnection)
{
    private const int Divisor = 3;
    private const int MaxDivisor = 9;

    private int _divisor = 1;

    /// <summary>Begins to watch over a call.</summary>
    public StallGuard Begin(CancellationToken cancellationToken) => new(this, cancellationToken);

    internal TimeProvider Clock => clock;

    internal long ReceivedBytes => meter.Down;

    internal MinimumRate Minimum => minimum.Over(_divisor);

    /// <summary>Notes that a call brought something.</summary>
    internal void Calm() => _divisor = 1;

    /// <summary>Notes that a call was too slow.</summary>
    internal void Alarm()
    {
        _divisor = Math.Min(_divisor * Divisor, MaxDivisor);
        closeConnection();
    }
}
