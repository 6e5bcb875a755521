using System.Buffers;

namespace ChunkOta.Storage;

/// <summary>Reduces a path to the parts that stay the same from build to build, without versions and hashes.
/// Pure.</summary>
/// <remarks>
/// <c>app-3.4.0/main.3f2a.js</c> and <c>app-3.4.1/main.77bc.js</c> have one pattern. A word is what stands between two
/// of <c>/ . - _ ~ + @</c>. Two words that are alike by chance do little harm: a pattern only proposes a base.
/// </remarks>
internal static class NamePattern
{
    private const int MinHexWord = 4;
    private const int MinLettersWord = 8;
    private const int MinMixedWord = 6;

    private static readonly SearchValues<char> Breaks = SearchValues.Create("/.-_~+@");

    /// <summary>The path with hashes, and if asked all numbers, left out.</summary>
    /// <param name="path">A release path.</param>
    /// <param name="withoutNumbers">Leave out digits, too, so that versions are alike; <c>17.3f2a.js</c> and
    /// <c>18.3f2a.js</c> are then, as well.</param>
    public static string Of(string path, bool withoutNumbers)
    {
        return string.Create(Measure(path, withoutNumbers), (path, withoutNumbers), static (text, from) =>
            Write(from.path, from.withoutNumbers, text));
    }

    /// <summary>Tests if a word looks like a hash, as no person would write it.</summary>
    internal static bool IsHash(ReadOnlySpan<char> word)
    {
        var (digits, hexLetters, otherLetters, humps) = (0, 0, 0, 0);
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if (char.IsAsciiDigit(c)) digits++;
            else if (char.IsAsciiHexDigit(c)) hexLetters++;
            else if (char.IsAsciiLetter(c)) otherLetters++;
            else return false;
            if (i > 0 && char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(word[i - 1])) humps++;
        }

        var letters = hexLetters + otherLetters;
        if (digits > 0 && letters > 0)
            return otherLetters == 0 ? word.Length >= MinHexWord : word.Length >= MinMixedWord;
        return digits == 0 && word.Length >= MinLettersWord && (otherLetters == 0 || humps >= 2);
    }

    private static int Measure(string path, bool withoutNumbers) => Write(path, withoutNumbers, []);

    /// <returns>The pattern's length; written only as far as it fits.</returns>
    private static int Write(ReadOnlySpan<char> path, bool withoutNumbers, Span<char> text)
    {
        var length = 0;
        while (!path.IsEmpty)
        {
            var end = path.IndexOfAny(Breaks);
            var word = end < 0 ? path : path[..end];
            if (IsHash(word)) Put('*', text, ref length);
            else PutWord(word, withoutNumbers, text, ref length);
            if (end < 0) break;
            Put(path[end], text, ref length);
            path = path[(end + 1)..];
        }

        return length;
    }

    private static void PutWord(ReadOnlySpan<char> word, bool withoutNumbers, Span<char> text, ref int length)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!withoutNumbers || !char.IsAsciiDigit(word[i])) Put(word[i], text, ref length);
            else if (i == 0 || !char.IsAsciiDigit(word[i - 1])) Put('#', text, ref length);
        }
    }

    private static void Put(char c, Span<char> text, ref int length)
    {
        if (length < text.Length) text[length] = c;
        length++;
    }
}
