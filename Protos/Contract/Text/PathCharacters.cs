using System.Buffers;
using System.Globalization;
using System.Text;

namespace ChunkOta.Protos;

/// <summary>Which characters no path may hold, portable or not.</summary>
internal static class PathCharacters
{
    private static readonly SearchValues<char> Local = SearchValues.Create("\\\u200c\u200d");

    /// <summary>Tells whether a character is refused in every path and link target.</summary>
    /// <remarks>
    /// Controls, line and paragraph separators, bidirectional and zero-width formats let a name be shown as another
    /// one; U+FFFD and noncharacters are what broken UTF-8 is read as.
    /// </remarks>
    public static bool IsRefused(Rune rune) => rune.Value switch
    {
        < 0x20 or (>= 0x7f and <= 0x9f) => true, // controls
        < 0xad => false,
        0xad or 0x034f or 0x061c or 0x115f or 0x1160 or 0x17b4 or 0x17b5 => true, // invisible
        >= 0x180b and <= 0x180f => true, // Mongolian selectors
        0x200b or 0x200e or 0x200f => true, // zero-width space, direction marks
        >= 0x2028 and <= 0x202e => true, // line and paragraph separators, embeddings and overrides
        >= 0x2060 and <= 0x206f => true, // word joiner, invisible operators, isolates
        0x3164 or 0xffa0 or 0xfeff or (>= 0xfff0 and <= 0xfffd) => true, // fillers, byte order mark, replacement
        >= 0xfdd0 and <= 0xfdef => true, // noncharacters
        >= 0x1bca0 and <= 0x1bca3 => true, // shorthand formats
        >= 0x1d173 and <= 0x1d17a => true, // musical formats
        >= 0xe0000 and <= 0xe0fff => true, // tags, supplementary selectors
        _ => (rune.Value & 0xfffe) == 0xfffe,
    };

    /// <summary>Tells whether a text holds a lone surrogate, which no UTF-8 can say.</summary>
    public static bool HasLoneSurrogate(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (!char.IsSurrogate(text[index]))
                continue;
            if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                return true;
            index++;
        }
        return false;
    }

    /// <summary>
    /// The first character of a text that no path may hold, as people read it; null when there is none.
    /// </summary>
    public static string? FindRefused(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return null;
        if (HasLoneSurrogate(text))
            return "bytes that are not UTF-8";
        foreach (var rune in text.EnumerateRunes())
            if (IsRefused(rune))
                return Describe(rune);
        return null;
    }

    /// <summary>The first character of a text that Linux can hold and other systems cannot, or show as nothing: a
    /// backslash or a zero-width joiner or non-joiner; null when there is none.</summary>
    public static string? FindLocal(ReadOnlySpan<char> text) => text.IndexOfAny(Local) switch
    {
        < 0 => null,
        var at when text[at] == '\\' => "a backslash",
        var at => Describe(new Rune(text[at])),
    };

    private static string Describe(Rune rune) =>
        string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
}
