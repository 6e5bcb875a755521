namespace ChunkOta.Agent;

/// <summary>Hours of the week in a time zone, as spans of real time.</summary>
/// <remarks>
/// Hours that begin in the hour that a change of the clock leaves out begin when it changes; those that begin in an
/// hour that comes twice begin with the first, and those that end in one end with the second. So a window never opens
/// twice in a night, and a device that sleeps through a change misses nothing.
/// </remarks>
/// <param name="windows">The hours.</param>
/// <param name="zone">The time zone.</param>
internal sealed class LocalWindows(IReadOnlyList<LocalWindow> windows, TimeZoneInfo zone)
{
    private const int DaysAhead = 8;

    /// <summary>True when no hours are given: then every hour is one of them.</summary>
    public bool IsEmpty => windows.Count == 0;

    /// <summary>Reads hours.</summary>
    /// <param name="texts">The hours, already checked.</param>
    /// <param name="zone">The time zone.</param>
    public static LocalWindows Of(IReadOnlyList<string> texts, TimeZoneInfo zone)
    {
        var windows = new List<LocalWindow>(texts.Count);
        foreach (var text in texts)
        {
            if (LocalWindow.Find(text) is { } window)
                windows.Add(window);
        }
        return new LocalWindows(windows, zone);
    }

    /// <summary>Tells whether a moment is within the hours.</summary>
    /// <param name="now">The moment.</param>
    public bool IsOpen(DateTimeOffset now)
    {
        if (IsEmpty)
            return true;
        foreach (var (start, end) in SpansAround(now))
        {
            if (start <= now && now < end)
                return true;
        }
        return false;
    }

    /// <summary>Finds the next moment at which the hours begin; null when no hours are given.</summary>
    /// <param name="now">The moment to look from; the answer is after it.</param>
    public DateTimeOffset? FindNextOpening(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var (start, _) in SpansAround(now))
        {
            if (start > now && (next is null || start < next))
                next = start;
        }
        return next;
    }

    private IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> SpansAround(DateTimeOffset now)
    {
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        for (var offset = -2; offset <= DaysAhead; offset++)
        {
            var day = today.AddDays(offset);
            foreach (var window in windows)
            {
                if (window.BeginsOn(day.DayOfWeek))
                {
                    yield return (
                        MomentOf(day.AddMinutes(window.StartMinute), isEnd: false),
                        MomentOf(day.AddMinutes(window.EndMinute), isEnd: true));
                }
            }
        }
    }

    private DateTimeOffset MomentOf(DateTime local, bool isEnd)
    {
        if (zone.IsInvalidTime(local))
        {
            // The clock jumps over this time. By the offset of before it is past the jump; go back to the jump itself.
            var (before, after) = (zone.GetUtcOffset(local.AddDays(-1)), zone.GetUtcOffset(local.AddDays(1)));
            var beyond = new DateTimeOffset(local, before);
            while (TimeZoneInfo.ConvertTime(beyond.AddMinutes(-1), zone).Offset == after)
                beyond = beyond.AddMinutes(-1);
            return beyond;
        }
        if (!zone.IsAmbiguousTime(local))
            return new DateTimeOffset(local, zone.GetUtcOffset(local));
        var offsets = zone.GetAmbiguousTimeOffsets(local);
        return new DateTimeOffset(local, isEnd ? offsets.Min() : offsets.Max());
    }
}
