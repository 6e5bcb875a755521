namespace ChunkOta.Agent;

/// <summary>The pauses between tries: 1, 2, 4 … seconds, capped, and shortened by chance so that devices that failed
/// together do not return together. Pure.</summary>
internal static class RetryPause
{
    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private const int MaxDoublings = 6;

    /// <summary>Returns the pause after a number of failures.</summary>
    /// <param name="failures">Failures in a row, at least 1.</param>
    /// <param name="chance">A random number from 0 to 1: it takes off up to a half.</param>
    public static TimeSpan After(int failures, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var full = TimeSpan.FromSeconds(1 << Math.Min(failures - 1, MaxDoublings));
        return (full < Longest ? full : Longest) * (1 - (chance / 2));
    }
}
