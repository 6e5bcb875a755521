using System.Text;

namespace ChunkOta.Cli;

/// <summary>Text in lines of a width, broken between words only.</summary>
public static class WordWrap
{
    /// <summary>Breaks a text into lines.</summary>
    /// <param name="text">Words and single spaces.</param>
    /// <param name="width">The most columns of a line; a longer word stands alone.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Broken(text, width);
    }

    private static IEnumerable<string> Broken(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        if (line.Length > 0) yield return line.ToString();
    }

    /// <summary>Writes names with their descriptions: side by side where they fit, else one below the other.</summary>
    internal static void WriteList(StringBuilder output, IReadOnlyList<(string Name, string Text)> rows, int width)
    {
        var left = rows.Count == 0 ? 0 : rows.Max(row => row.Name.Length);
        left = Math.Min(left, width * 2 / 5);
        foreach (var (name, text) in rows)
        {
            var lines = Lines(text, Math.Max(20, width - left - 4)).ToList();
            var isOwnLine = name.Length > left;
            if (isOwnLine) output.Append("  ").AppendLine(name);
            for (var i = 0; i < lines.Count; i++)
            {
                output.Append("  ").Append((i == 0 && !isOwnLine ? name : "").PadRight(left)).Append("  ")
                    .AppendLine(lines[i]);
            }

            if (lines.Count == 0 && !isOwnLine) output.Append("  ").AppendLine(name);
        }
    }
}
