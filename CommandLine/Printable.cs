using System.Globalization;

namespace ChunkOta.Cli;

/// <summary>Figures for people, with units.</summary>
public static class Printable
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Bytes in decimal units, three or four digits: <c>109.7 MB</c>.</summary>
    public static string Bytes(ulong bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 999.95 && unit < Units.Length - 1; unit++)
            value /= 1000;
        return unit == 0
            ? $"{bytes} B"
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }

    /// <summary>Bytes in decimal units; a negative count is 0.</summary>
    public static string Bytes(long bytes) => Bytes((ulong)Math.Max(0, bytes));

    /// <summary>A factor such as <c>3.42x</c>; <c>-</c> where there is nothing to divide by.</summary>
    public static string Factor(double? factor) =>
        factor is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.00}x") : "-";

    /// <summary>A share such as <c>98.3 %</c>; <c>-</c> of nothing.</summary>
    public static string Share(double? share) =>
        share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %") : "-";

    /// <summary>A moment in UTC to the minute; <c>never</c> for 0.</summary>
    public static string Time(long unixSeconds) => unixSeconds == 0
        ? "never"
        : DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(unixSeconds, -62_135_596_800, 253_402_300_799))
            .ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
