using System.Globalization;

namespace ChunkOta.Agent;

/// <summary>The time zone of this device, from the system's zone files or a setting.</summary>
internal static class LocalZone
{
    /// <summary>Says what is wrong with a setting; null for nothing.</summary>
    /// <param name="key">Its key, for the message.</param>
    /// <param name="zone">Its value.</param>
    public static string? FindFault(string key, string zone) => Find(zone) is null
        ? $"{key} must be a zone of this system such as Europe/Paris, or an offset such as +02:00, not '{zone}'"
        : null;

    /// <summary>Finds a time zone: by name in <c>/usr/share/zoneinfo</c>, by offset, or that of the system, which is
    /// UTC where nothing is set.</summary>
    /// <param name="zone">The name or offset; empty for the system's.</param>
    /// <returns>The zone; null when there is none of that name.</returns>
    public static TimeZoneInfo? Find(string zone)
    {
        if (zone.Length == 0)
        {
            // The file may have changed since the process began.
            TimeZoneInfo.ClearCachedData();
            return TimeZoneInfo.Local;
        }
        if (zone[0] is '+' or '-')
            return FindOffset(zone) is { } offset ? TimeZoneInfo.CreateCustomTimeZone(zone, offset, zone, zone) : null;
        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : null;
    }

    private static TimeSpan? FindOffset(string text) =>
        TimeSpan.TryParseExact(text.AsSpan(1), "hh\\:mm", CultureInfo.InvariantCulture, out var offset)
        && offset <= TimeSpan.FromHours(14)
            ? text[0] == '-' ? -offset : offset
            : null;
}
