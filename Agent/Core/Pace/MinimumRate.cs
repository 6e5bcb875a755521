namespace ChunkOta.Agent;

/// <summary>The minimum rate of a server: below it, the server counts as stalled.</summary>
/// <param name="BytesPerSecond">The average over <paramref name="Window"/>, bytes a second; at least 1.</param>
/// <param name="Window">The time that is averaged over; only time spent waiting counts.</param>
internal readonly record struct MinimumRate(int BytesPerSecond, TimeSpan Window)
{
    /// <summary>The minimum of a device without settings: 1 kB/s over 30 s.</summary>
    public static MinimumRate Default { get; } = new(1000, TimeSpan.FromSeconds(30));

    /// <summary>Returns the minimum over a fraction of the time.</summary>
    /// <param name="divisor">At least 1.</param>
    public MinimumRate Over(int divisor) => this with { Window = Window / divisor };
}
