using System.Collections.Frozen;
using System.Text;

namespace ChunkOta.Protos;

/// <summary>Canonical composition and case folding by the tables carried here, the same in every build.</summary>
/// <remarks>
/// A build without globalization data leaves every text as it is when asked to normalize it, and runtimes know
/// different versions of Unicode: what collides must not depend on who looks.
/// </remarks>
internal static class UnicodeText
{
    // Hangul syllables are composed by arithmetic (the Unicode Standard, 3.12).
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    private const int DotAbove = 0x307;
    private const int DotlessI = 0x131;
    private const uint NeverComposed = 0x80000000;
    private const int FirstMark = 0x300;

    private static readonly Lazy<FrozenDictionary<(int, int), int>> Compositions = new(ReadCompositions);

    /// <summary>Tells whether a text is in Unicode's normalization form C: composed as far as it can be.</summary>
    /// <param name="text">Without lone surrogates.</param>
    public static bool IsComposed(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange((char)FirstMark, char.MaxValue))
            return true;
        return Compose(Decompose(text)) == text;
    }

    /// <summary>Normalization form D: every character decomposed, marks in canonical order.</summary>
    public static List<int> Decompose(string text)
    {
        var codes = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
            AppendDecomposed(codes, rune.Value);
        OrderMarks(codes);
        return codes;
    }

    /// <summary>Normalization form C of what <see cref="Decompose"/> gave.</summary>
    public static string Compose(List<int> codes)
    {
        var composed = new List<int>(codes.Count);
        var starter = -1;
        var lastClass = 0;
        foreach (var code in codes)
        {
            var markClass = CombiningClass(code);
            // A mark is blocked by one of the same or a higher class since the starter, a starter by any mark.
            var isBlocked = starter < composed.Count - 1 && lastClass >= markClass;
            if (starter >= 0 && !isBlocked && ComposePair(composed[starter], code) is { } pair)
            {
                composed[starter] = pair;
                continue;
            }
            if (markClass == 0)
                starter = composed.Count;
            lastClass = markClass;
            composed.Add(code);
        }
        return ToText(composed);
    }

    /// <summary>The name as a file system sees it that ignores case, composition and invisible characters.</summary>
    /// <remarks>
    /// Full case folding of the decomposed text (ß is ss, ſ is s, K is k), and beyond it every i is one: dotted,
    /// dotless, capital, whatever the language. Names with the same key cannot lie in one directory everywhere.
    /// </remarks>
    /// <param name="text">Without lone surrogates.</param>
    public static string CollisionKey(string text)
    {
        if (Ascii.IsValid(text))
            return text.AsSpan().ContainsAnyInRange('A', 'Z') ? text.ToLowerInvariant() : text;
        var folded = new List<int>(text.Length + 8);
        foreach (var code in Decompose(text))
            if (!IsIgnorable(code))
                AppendFolded(folded, code);
        OrderMarks(folded);
        DropDotsAboveI(folded);
        return ToText(folded);
    }

    private static void AppendFolded(List<int> folded, int code)
    {
        var row = Find(UnicodeTables.CaseFolds, 4, (uint)code);
        if (code == DotlessI)
            folded.Add('i');
        else if (row < 0)
            AppendDecomposed(folded, code);
        else
            foreach (var part in UnicodeTables.CaseFolds.Slice(row + 1, 3))
                if (part != 0)
                    AppendDecomposed(folded, (int)part);
    }

    private static void DropDotsAboveI(List<int> codes)
    {
        var isAfterI = false;
        var kept = 0;
        for (var at = 0; at < codes.Count; at++)
        {
            var code = codes[at];
            if (code == DotAbove && isAfterI)
                continue;
            if (CombiningClass(code) == 0)
                isAfterI = code == 'i';
            codes[kept++] = code;
        }
        codes.RemoveRange(kept, codes.Count - kept);
    }

    private static void AppendDecomposed(List<int> codes, int code)
    {
        if (code is >= SyllableBase and < SyllableBase + SyllableCount)
        {
            var index = code - SyllableBase;
            codes.Add(LeadBase + (index / (VowelCount * TrailCount)));
            codes.Add(VowelBase + (index / TrailCount % VowelCount));
            if (index % TrailCount != 0)
                codes.Add(TrailBase + (index % TrailCount));
            return;
        }
        var row = code < 0xC0 ? -1 : Find(UnicodeTables.Decompositions, 3, (uint)code);
        if (row < 0)
        {
            codes.Add(code);
            return;
        }
        AppendDecomposed(codes, (int)UnicodeTables.Decompositions[row + 1]); // at most a few steps deep
        if (UnicodeTables.Decompositions[row + 2] is not 0 and var second)
            AppendDecomposed(codes, (int)second);
    }

    /// <summary>Sorts each run of marks by class; equal classes keep their order.</summary>
    private static void OrderMarks(List<int> codes)
    {
        for (var at = 1; at < codes.Count; at++)
        {
            var (code, order) = (codes[at], CombiningClass(codes[at]));
            if (order == 0)
                continue;
            var to = at;
            for (; to > 0 && CombiningClass(codes[to - 1]) > order; to--)
                codes[to] = codes[to - 1];
            codes[to] = code;
        }
    }

    private static int? ComposePair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
            return SyllableBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
        if (first is >= SyllableBase and < SyllableBase + SyllableCount && (first - SyllableBase) % TrailCount == 0
            && second is > TrailBase and < TrailBase + TrailCount)
            return first + second - TrailBase;
        return Compositions.Value.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static FrozenDictionary<(int, int), int> ReadCompositions()
    {
        var table = UnicodeTables.Decompositions;
        var pairs = new Dictionary<(int, int), int>(table.Length / 3);
        for (var row = 0; row < table.Length; row += 3)
            if ((table[row] & NeverComposed) == 0)
                pairs.Add(((int)table[row + 1], (int)table[row + 2]), (int)table[row]);
        return pairs.ToFrozenDictionary();
    }

    private static int CombiningClass(int code)
    {
        if (code < FirstMark)
            return 0;
        var row = FindRange(UnicodeTables.CombiningClasses, 3, (uint)code);
        return row < 0 ? 0 : (int)UnicodeTables.CombiningClasses[row + 2];
    }

    private static bool IsIgnorable(int code) => FindRange(UnicodeTables.Ignorables, 2, (uint)code) >= 0;

    /// <summary>The index at which the row of a code begins in a sorted table, or -1.</summary>
    private static int Find(ReadOnlySpan<uint> table, int rowLength, uint code)
    {
        var row = LastRowUpTo(table, rowLength, code);
        return row >= 0 && (table[row] & ~NeverComposed) == code ? row : -1;
    }

    /// <summary>The index at which the row of the range that holds a code begins in a sorted table, or -1.</summary>
    private static int FindRange(ReadOnlySpan<uint> table, int rowLength, uint code)
    {
        var row = LastRowUpTo(table, rowLength, code);
        return row >= 0 && code <= table[row + 1] ? row : -1;
    }

    private static int LastRowUpTo(ReadOnlySpan<uint> table, int rowLength, uint code)
    {
        var (low, high) = (0, table.Length / rowLength);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if ((table[middle * rowLength] & ~NeverComposed) <= code)
                low = middle + 1;
            else
                high = middle;
        }
        return (low - 1) * rowLength;
    }

    private static string ToText(List<int> codes)
    {
        var text = new StringBuilder(codes.Count + 4);
        foreach (var code in codes)
            text.Append(new Rune(code));
        return text.ToString();
    }
}
