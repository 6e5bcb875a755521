namespace ChunkOta.Agent;

/// <summary>The pauses between tries: 1, 2, 4 … seconds, capped, and shortened by chance so that devices that failed
/// together do not return together. Pure.</summary>
internal static class RetryPause
{
    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>The longest pause that a run makes because a server asks for it; for a longer one it ends.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

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

    /// <summary>Returns the pause that a server asks for, and up to a quarter more, so that devices that were refused
    /// together do not return together.</summary>
    /// <param name="asked">The time that the server named.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    public static TimeSpan AsAsked(TimeSpan asked, double chance) => asked * (1 + (chance / 4));
}
