using System.Globalization;
using System.Text.RegularExpressions;

namespace ChunkOta.Admin;

/// <summary>Reads sizes with units: B, kB, MB, GB, TB, PB or KiB, MiB, GiB, TiB, PiB.</summary>
internal static partial class ByteSize
{
    private static readonly string[] Units = ["", "k", "M", "G", "T", "P"];

    /// <summary>Reads a size such as <c>1.5MB</c>; a plain number is bytes.</summary>
    public static bool TryParse(string text, out ulong bytes)
    {
        bytes = 0;
        var match = Form().Match(text);
        if (!match.Success || !decimal.TryParse(
            match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;

        var isBinary = match.Groups["binary"].Length > 0;
        for (var power = Array.IndexOf(Units, match.Groups["power"].Value.Replace('K', 'k')); power > 0; power--)
        {
            if (number > ulong.MaxValue)
                return false;
            number *= isBinary ? 1024 : 1000;
        }

        if (number > ulong.MaxValue)
            return false;
        bytes = (ulong)number;
        return true;
    }

    [GeneratedRegex(
        @"^\s*(?<number>[0-9]{1,19}(\.[0-9]{1,6})?)\s*(?<power>k|K(?=i)|M|G|T|P)?(?<binary>i)?B?\s*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
