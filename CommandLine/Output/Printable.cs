using System.Globalization;

namespace ChunkOta.Cli;

/// <summary>Figures for people, with units.</summary>
public static class Printable
{
    /// <summary>Bytes in decimal units, three or four digits: <c>109.7 MB</c>.</summary>
    public static string Bytes(ulong bytes) => SizeText.Of(bytes);

    /// <summary>Bytes in decimal units; a negative count is 0.</summary>
    public static string Bytes(long bytes) => SizeText.Of(bytes);

    /// <summary>A count with its noun: <c>1 file</c>, <c>5 entries</c>.</summary>
    /// <param name="count">The count.</param>
    /// <param name="one">The noun in the singular.</param>
    /// <param name="many">The plural, where it is not the singular with an s.</param>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");

    /// <inheritdoc cref="Count(long, string, string?)"/>
    public static string Count(ulong count, string one, string? many = null) => Count((long)count, one, many);

    /// <summary>A factor such as <c>3.42x</c>; <c>-</c> where there is nothing to divide by.</summary>
    public static string Factor(double? factor) =>
        factor is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.00}x") : "-";

    /// <summary>A share such as <c>98.3 %</c>; <c>-</c> of nothing.</summary>
    public static string Share(double? share) =>
        share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %") : "-";

    /// <summary>A span of time in its two largest units: <c>1 min 20 s</c>.</summary>
    public static string Span(TimeSpan span)
    {
        var seconds = (long)Math.Max(0, span.TotalSeconds);
        return seconds switch
        {
            < 60 => $"{seconds} s",
            < 3600 => $"{seconds / 60} min {seconds % 60} s",
            < 86_400 => $"{seconds / 3600} h {seconds % 3600 / 60} min",
            _ => $"{seconds / 86_400} d {seconds % 86_400 / 3600} h",
        };
    }

    /// <summary>A moment in UTC to the minute; <c>never</c> for none.</summary>
    public static string Time(long? unixSeconds) => Time(unixSeconds ?? 0);

    /// <summary>A moment in UTC to the minute; <c>never</c> for 0.</summary>
    public static string Time(long unixSeconds) => unixSeconds == 0
        ? "never"
        : DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(unixSeconds, -62_135_596_800, 253_402_300_799))
            .ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
