using System.Globalization;

namespace ChunkOta.Agent.Cli;

/// <summary>Figures for people, with units.</summary>
internal static class Printable
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes in decimal units: <c>109.7 MB</c>.</summary>
    public static string Bytes(long bytes)
    {
        var value = (double)Math.Max(0, bytes);
        var unit = 0;
        for (; value >= 999.95 && unit < Units.Length - 1; unit++)
            value /= 1000;
        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }

    /// <summary>A moment in UTC to the minute.</summary>
    public static string Time(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(unixSeconds, -62_135_596_800, 253_402_300_799))
            .ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
