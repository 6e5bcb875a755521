using System.Globalization;
using System.Text;

namespace ChunkOta.Protos;

/// <summary>
/// Text from elsewhere made fit for a terminal, a log and a trailer: one line that cannot move the cursor.
/// </summary>
public static class OneLine
{
    /// <summary>The longest text that is let through, in UTF-16 units.</summary>
    public const int MaxLength = 1024;

    private const int ZeroWidthNonJoiner = 0x200c;
    private const int ZeroWidthJoiner = 0x200d;

    /// <summary>The text with every control, line-breaking, bidirectional and zero-width character escaped.</summary>
    /// <param name="text">Any text. What is longer than <see cref="MaxLength"/> is cut off and ends in an
    /// ellipsis.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var line = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= MaxLength)
                return line.Append('…').ToString();
            if (PathCharacters.IsRefused(rune) || rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner)
                line.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            else
                line.Append(rune);
        }
        return line.ToString();
    }
}
