using System.Globalization;

namespace ChunkOta.Agent;

/// <summary>Hours of some days of the week, by a clock on the wall.</summary>
/// <param name="Days">One bit for each day on which they begin, Sunday the lowest.</param>
/// <param name="StartMinute">The first minute, since midnight.</param>
/// <param name="EndMinute">The first minute after them, since midnight of the day on which they begin: above 1440 where
/// they pass midnight.</param>
internal readonly record struct LocalWindow(int Days, int StartMinute, int EndMinute)
{
    private const int MinutesOfDay = 24 * 60;
    private const int AllDays = 0x7f;

    private static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    /// <summary>Tells whether the hours begin on a day.</summary>
    public bool BeginsOn(DayOfWeek day) => (Days >> (int)day & 1) != 0;

    /// <summary>Reads hours such as <c>22:00-05:00</c>, <c>Mon-Fri 01:00-03:00</c> or <c>Sat,Sun 00:00-24:00</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>The hours; null when it is something else.</returns>
    public static LocalWindow? Find(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length is not (1 or 2)
            || words[^1].Split('-') is not [var from, var to]
            || FindMinute(from) is not { } start || start == MinutesOfDay
            || FindMinute(to) is not { } end
            || (words.Length == 1 ? AllDays : FindDays(words[0])) is not { } days
            || start == end)
            return null;
        return new LocalWindow(days, start, end > start ? end : end + MinutesOfDay);
    }

    private static int? FindMinute(string text)
    {
        if (text.Split(':') is not [{ Length: 1 or 2 } hour, { Length: 2 } minute]
            || !int.TryParse(hour, NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(minute, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || minutes > 59)
            return null;
        var all = hours * 60 + minutes;
        return all <= MinutesOfDay ? all : null;
    }

    private static int? FindDays(string text)
    {
        var days = 0;
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            var (first, last) = (IndexOf(ends[0]), IndexOf(ends[^1]));
            if (ends.Length > 2 || first < 0 || last < 0)
                return null;
            for (var day = first; ; day = (day + 1) % DayNames.Length)
            {
                days |= 1 << day;
                if (day == last)
                    break;
            }
        }
        return days;
    }

    private static int IndexOf(string day) =>
        Array.FindIndex(DayNames, name => name.Equals(day, StringComparison.OrdinalIgnoreCase));
}
