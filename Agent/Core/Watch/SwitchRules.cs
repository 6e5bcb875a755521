namespace ChunkOta.Agent;

/// <summary>Decides whether a release may become current without a person. Pure.</summary>
/// <param name="Mode">The product's mode.</param>
/// <param name="Deadline">In the mode <see cref="UpdateMode.Deadline"/>, the time after the download that passes
/// without consent.</param>
/// <param name="Windows">The maintenance windows.</param>
internal sealed record SwitchRules(UpdateMode Mode, TimeSpan Deadline, LocalWindows Windows)
{
    /// <summary>Returns the stop of a run that begins now; null when it may go on to the end.</summary>
    /// <param name="now">The time of day.</param>
    public SwitchStop? StopAt(DateTimeOffset now) => Mode switch
    {
        UpdateMode.Forced when Windows.IsOpen(now) => null,
        UpdateMode.Deadline when Windows.IsOpen(now) => new SwitchStop(Deadline),
        _ => new SwitchStop(),
    };

    /// <summary>Finds the moment at which a staged release may become current by itself; null for never.</summary>
    /// <param name="staged">The release.</param>
    /// <param name="now">The time of day.</param>
    public DateTimeOffset? FindSwitch(StagedRelease staged, DateTimeOffset now)
    {
        var earliest = Mode switch
        {
            UpdateMode.Forced => now,
            UpdateMode.Deadline => DateTimeOffset.FromUnixTimeSeconds(staged.SinceUnixSeconds) + Deadline,
            _ => (DateTimeOffset?)null,
        };
        if (earliest is not { } moment)
            return null;
        moment = moment < now ? now : moment;
        return Windows.IsOpen(moment) ? moment : Windows.FindNextOpening(moment);
    }
}
