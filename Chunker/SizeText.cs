using System.Globalization;

namespace ChunkOta;

/// <summary>A number of bytes as people read it.</summary>
public static class SizeText
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>The size in decimal units, with three or four digits: <c>109.7 MB</c>.</summary>
    /// <param name="bytes">The size in bytes.</param>
    public static string Of(ulong bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 999.95 && unit < Units.Length - 1; unit++)
            value /= 1000;
        return unit == 0
            ? $"{bytes} B"
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }

    /// <summary>The size in decimal units; a negative one is 0.</summary>
    /// <param name="bytes">The size in bytes.</param>
    public static string Of(long bytes) => Of((ulong)Math.Max(0, bytes));
}
