using System.CommandLine.Parsing;
using System.Globalization;

namespace ChunkOta.Cli;

/// <summary>Time spans as users write them.</summary>
public static class Durations
{
    /// <summary>A time span such as <c>90d</c>, <c>12h</c>, <c>30m</c> or <c>45s</c>.</summary>
    public static TimeSpan Parse(ArgumentResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var text = result.Tokens is [var token] ? token.Value : "";
        if (text is [.. var digits, var unit]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            switch (unit)
            {
                case 'd' when count <= 36_500:
                    return TimeSpan.FromDays(count);
                case 'h' when count <= 876_000:
                    return TimeSpan.FromHours(count);
                case 'm' or 's' when count <= 52_560_000:
                    return TimeSpan.FromSeconds(unit == 'm' ? count * 60L : count);
                default:
                    break;
            }
        }

        result.AddError($"'{text}' is not a time span: write 90d, 12h, 30m or 45s");
        return default;
    }
}
