using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>Known words like one that was mistyped.</summary>
internal static class Suggestions
{
    /// <summary>Says that a word is unknown, and which known ones are like it.</summary>
    /// <param name="what">What it would have been, such as "option".</param>
    /// <param name="word">The word.</param>
    /// <param name="known">The words that exist.</param>
    public static string Unknown(string what, string word, IEnumerable<string> known)
    {
        var like = known.Select(candidate => (Candidate: candidate, Distance: Distance(word, candidate)))
            .Where(entry => entry.Distance <= Math.Max(1, Math.Min(word.Length, entry.Candidate.Length) / 3))
            .OrderBy(entry => entry.Distance).ThenBy(entry => entry.Candidate, StringComparer.Ordinal)
            .Select(entry => $"'{entry.Candidate}'").Distinct().Take(2).ToArray();
        var meant = like.Length > 0 ? $": did you mean {string.Join(" or ", like)}?" : "";
        return $"unknown {what} '{OneLine.Of(word)}'{meant}";
    }

    /// <summary>The insertions, deletions, replacements and swaps of neighbours that make one word of
    /// another.</summary>
    internal static int Distance(string one, string other)
    {
        var columns = other.Length + 1;
        var (before, previous, current) = (new int[columns], new int[columns], new int[columns]);
        for (var column = 0; column <= other.Length; column++) previous[column] = column;
        for (var row = 1; row <= one.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= other.Length; column++)
            {
                var replaced = previous[column - 1] + (one[row - 1] == other[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, Math.Min(previous[column], current[column - 1]) + 1);
                if (row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1])
                    current[column] = Math.Min(current[column], before[column - 2] + 1);
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[other.Length];
    }
}
