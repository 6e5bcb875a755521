using System.CommandLine.Parsing;
using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Admin;

/// <summary>Reads values that users write with units.</summary>
internal static class OptionParsers
{
    /// <summary>Slower, and the pings of the connection would be late.</summary>
    private const ulong MinRate = 10_000;

    /// <summary>The option that may be given without a value: <c>--wait-deltas</c>, <c>--wait-deltas=10m</c>.</summary>
    public const string WaitDeltas = "--wait-deltas";

    /// <summary>The limit of a wait for deltas that names none.</summary>
    public static readonly TimeSpan DefaultDeltaWait = TimeSpan.FromMinutes(30);

    /// <summary>A command line in which <see cref="WaitDeltas"/> always has its value. The library would take the next
    /// word for it otherwise, be it an argument.</summary>
    public static string[] WithDefaults(string[] args)
    {
        var end = Array.IndexOf(args, "--");
        return
        [
            .. args.Select((word, index) => word == WaitDeltas && (end < 0 || index < end)
                ? string.Create(CultureInfo.InvariantCulture, $"{word}={DefaultDeltaWait.TotalMinutes}m")
                : word),
        ];
    }

    /// <summary>A rate such as <c>2MB/s</c>, in bytes a second.</summary>
    public static long? Rate(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        var size = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text;
        if (ByteSize.TryParse(size, out var bytes) && bytes is >= MinRate and <= long.MaxValue)
            return (long)bytes;
        result.AddError($"'{text}' is not a rate of at least 10 kB/s: write 500kB/s or 2MB/s");
        return null;
    }

    /// <summary>Cut parameters as MIN/AVG/MAX in bytes, KiB by <c>K</c>: <c>16K/64K/256K</c>.</summary>
    public static CutParameters? Cut(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        if (text.Split('/') is [var min, var average, var max]
            && TryBytes(min, out var minBytes) && TryBytes(average, out var averageBytes)
                && TryBytes(max, out var maxBytes))
        {
            var cut = CutParameters.Default with { Min = minBytes, Average = averageBytes, Max = maxBytes };
            try
            {
                cut.Validate();
                return cut;
            }
            catch (Exception e) when (e is ChunkOtaException or ArgumentException)
            {
                result.AddError($"'{text}': {e.Message}");
                return null;
            }
        }

        result.AddError($"'{text}' is not MIN/AVG/MAX: write 16K/64K/256K");
        return null;
    }

    private static bool TryBytes(string text, out int bytes)
    {
        var isKibibytes = text.EndsWith('K');
        bytes = 0;
        if (!TryCount(isKibibytes ? text[..^1] : text, out var count) || count > int.MaxValue / 1024)
            return false;
        bytes = isKibibytes ? count * 1024 : count;
        return true;
    }

    private static bool TryCount(string digits, out int count) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;
}
