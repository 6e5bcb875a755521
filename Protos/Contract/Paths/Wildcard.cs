namespace ChunkOta.Protos;

/// <summary>Matches a path with the wildcards of gitignore: <c>?</c>, <c>*</c>, <c>**</c>, <c>[a-z]</c> and
/// <c>\</c>.</summary>
/// <remarks>
/// It works on bytes, as git does: <c>?</c> is one byte of UTF-8. What a <c>**</c> gave for a rest of the text is kept,
/// so that a pattern of many is matched in a time that grows with the pattern and the path, not exponentially.
/// </remarks>
internal static class Wildcard
{
    private enum Outcome
    {
        Match,
        NoMatch,

        /// <summary>No longer text can match: an earlier <c>*</c> need not try further.</summary>
        Exhausted,

        /// <summary>A <c>*</c> met a slash: only an earlier <c>**</c> can still match.</summary>
        NeedsDoubleStar,
    }

    /// <summary>Tells whether the whole text matches.</summary>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        Dictionary<(int At, int Left), Outcome>? known = null;
        return Match(pattern, 0, text, ref known) == Outcome.Match;
    }

    /// <param name="pattern">The whole pattern: a <c>**</c> depends on what precedes it.</param>
    /// <param name="at">Where to begin in it.</param>
    /// <param name="text">The rest of the text.</param>
    /// <param name="known">What each <c>**</c> gave, by its place and the length of the rest of the text.</param>
    private static Outcome Match(
        ReadOnlySpan<byte> pattern, int at, ReadOnlySpan<byte> text,
        ref Dictionary<(int At, int Left), Outcome>? known)
    {
        for (; at < pattern.Length; text = text[1..])
        {
            if (pattern[at] == '*')
            {
                if (TryPassStars(pattern, ref at, ref text, ref known) is { } outcome)
                    return outcome;
                continue; // one star that stands for a whole component: the loop consumes the slash after it
            }

            if (text.IsEmpty)
                return Outcome.Exhausted;
            if (MatchOne(pattern, ref at, text[0]) is var one and not Outcome.Match)
                return one;
        }

        return text.IsEmpty ? Outcome.Match : Outcome.NoMatch;
    }

    /// <summary>Matches stars and all that follows; null when the loop is to go on behind <c>*/</c>.</summary>
    private static Outcome? TryPassStars(
        ReadOnlySpan<byte> pattern, ref int at, ref ReadOnlySpan<byte> text,
        ref Dictionary<(int At, int Left), Outcome>? known)
    {
        var first = at;
        while (at < pattern.Length && pattern[at] == '*')
            at++;
        var rest = pattern[at..];
        var isDouble = at - first > 1 && (first == 0 || pattern[first - 1] == '/')
            && (rest.IsEmpty || rest[0] == '/' || rest.StartsWith("\\/"u8));
        if (rest.IsEmpty)
            return isDouble || !text.Contains((byte)'/') ? Outcome.Match : Outcome.NeedsDoubleStar;
        if (isDouble)
        {
            var outcomes = known ??= [];
            if (!outcomes.TryGetValue((at, text.Length), out var outcome))
            {
                outcome = rest[0] == '/' && Match(pattern, at + 1, text, ref known) == Outcome.Match
                    ? Outcome.Match
                    : TryEachLength(pattern, at, text, isDouble, ref known);
                outcomes[(at, text.Length)] = outcome;
            }

            return outcome;
        }

        if (rest[0] != '/')
            return TryEachLength(pattern, at, text, isDouble, ref known);
        var slash = text.IndexOf((byte)'/');
        if (slash < 0)
            return Outcome.NoMatch;
        text = text[slash..];
        at++;
        return null;
    }

    /// <summary>Lets the stars before a place stand for nothing, then for ever more of the text.</summary>
    private static Outcome TryEachLength(
        ReadOnlySpan<byte> pattern, int at, ReadOnlySpan<byte> text, bool isDouble,
        ref Dictionary<(int At, int Left), Outcome>? known)
    {
        for (; ; text = text[1..])
        {
            var outcome = Match(pattern, at, text, ref known);
            if (outcome != Outcome.NoMatch && (!isDouble || outcome != Outcome.NeedsDoubleStar))
                return outcome;
            if (text.IsEmpty)
                return Outcome.Exhausted;
            if (!isDouble && text[0] == '/')
                return Outcome.NeedsDoubleStar;
        }
    }

    private static Outcome MatchOne(ReadOnlySpan<byte> pattern, ref int at, byte value)
    {
        switch (pattern[at])
        {
            case (byte)'?':
                at++;
                return value == '/' ? Outcome.NoMatch : Outcome.Match;
            case (byte)'[':
                return MatchClass(pattern, ref at, value);
            case (byte)'\\':
                at++;
                break;
            default:
                break;
        }

        // A backslash at the end matches nothing.
        var isSame = at < pattern.Length && pattern[at] == value;
        at++;
        return isSame ? Outcome.Match : Outcome.NoMatch;
    }

    private static Outcome MatchClass(ReadOnlySpan<byte> pattern, ref int at, byte value)
    {
        var i = at + 1;
        var isNegated = i < pattern.Length && pattern[i] is (byte)'!' or (byte)'^';
        if (isNegated)
            i++;
        var isIn = false;
        int? previous = null;
        var isFirst = true;
        for (; ; i++, isFirst = false)
        {
            if (i >= pattern.Length)
                return Outcome.Exhausted; // without its bracket, the class matches nothing
            var current = pattern[i];
            if (current == ']' && !isFirst)
                break;
            if (current == '-' && previous is { } low && i + 1 < pattern.Length && pattern[i + 1] != ']')
            {
                i++;
                if (pattern[i] == '\\' && ++i >= pattern.Length)
                    return Outcome.Exhausted;
                isIn |= value >= low && value <= pattern[i];
                previous = null;
                continue;
            }

            if (current == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':'
                && FindNamedClass(pattern[(i + 2)..]) is { } named)
            {
                if (named.Contains is not { } contains)
                    return Outcome.Exhausted;
                isIn |= contains(value);
                i += named.Length + 3;
                previous = null;
                continue;
            }

            if (current == '\\')
            {
                if (++i >= pattern.Length)
                    return Outcome.Exhausted;
                current = pattern[i];
            }

            isIn |= value == current;
            previous = current;
        }

        at = i + 1;
        return isIn == isNegated || value == '/' ? Outcome.NoMatch : Outcome.Match;
    }

    /// <summary>The class of <c>name:]</c>; null when the brackets are ordinary characters.</summary>
    private static (int Length, Func<byte, bool>? Contains)? FindNamedClass(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)']');
        if (end < 1 || text[end - 1] != ':')
            return null;
        var name = text[..(end - 1)];
        Func<byte, bool>? contains = System.Text.Encoding.ASCII.GetString(name) switch
        {
            "alnum" => value => char.IsAsciiLetterOrDigit((char)value),
            "alpha" => value => char.IsAsciiLetter((char)value),
            "blank" => value => value is (byte)' ' or (byte)'\t',
            "cntrl" => value => value is < 0x20 or 0x7f,
            "digit" => value => char.IsAsciiDigit((char)value),
            "graph" => value => value is > 0x20 and < 0x7f,
            "lower" => value => char.IsAsciiLetterLower((char)value),
            "print" => value => value is >= 0x20 and < 0x7f,
            "punct" => value => value is > 0x20 and < 0x7f && !char.IsAsciiLetterOrDigit((char)value),
            "space" => value => value is (byte)' ' or (>= 0x09 and <= 0x0d),
            "upper" => value => char.IsAsciiLetterUpper((char)value),
            "xdigit" => value => char.IsAsciiHexDigit((char)value),
            _ => null,
        };
        return (name.Length, contains);
    }
}
