using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>Rows under headings, in aligned columns.</summary>
/// <remarks>
/// A pipe gets one line a row, unless a column holds sentences. On a terminal a row that is too wide is wrapped within
/// its columns, between words; a table whose words are too wide is shown row by row, a heading and a value on each
/// line.
/// </remarks>
internal sealed class TextTable(params IReadOnlyList<string> headings)
{
    private const string Gap = "  ";

    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row of as many cells as there are headings.</summary>
    public void Add(params IReadOnlyList<string> cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Count, headings.Count);
        _rows.Add([.. cells.Select(OneLine.Of)]);
    }

    public void WriteTo(Terminal terminal) =>
        Write(terminal, terminal.IsOutTerminal ? terminal.Width : int.MaxValue);

    /// <summary>Writes a table with sentences in it, which is wrapped even in a pipe.</summary>
    public void WriteWrappedTo(Terminal terminal) => Write(terminal, terminal.Width);

    /// <summary>The lines of the table, none wider than asked unless a single word is.</summary>
    internal IEnumerable<string> Lines(int width)
    {
        var all = _rows.Prepend(headings).ToList();
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        var least = headings.Select((_, column) => all.Max(row => LongestWord(row[column]))).ToArray();
        var space = width == int.MaxValue ? width : width - (Gap.Length * (headings.Count - 1));
        if (widths.Sum() > space)
        {
            if (least.Sum() > space)
                return RowByRow(width);
            Shrink(widths, least, space);
        }

        return all.SelectMany(row => Wrapped(row, widths));
    }

    private void Write(Terminal terminal, int width)
    {
        foreach (var line in Lines(width))
            terminal.Out.WriteLine(line);
    }

    /// <summary>Takes the columns that are missing from the widest columns that can be wrapped.</summary>
    private static void Shrink(int[] widths, int[] least, int space)
    {
        for (var over = widths.Sum() - space; over > 0; over--)
        {
            var widest = -1;
            for (var column = 0; column < widths.Length; column++)
            {
                if (widths[column] > least[column] && (widest < 0 || widths[column] > widths[widest]))
                    widest = column;
            }

            widths[widest]--;
        }
    }

    private static IEnumerable<string> Wrapped(IReadOnlyList<string> row, int[] widths)
    {
        var cells = row.Select((cell, column) => WordWrap.Lines(cell, widths[column]).ToList()).ToList();
        for (var line = 0; line < Math.Max(1, cells.Max(cell => cell.Count)); line++)
        {
            yield return string.Join(Gap, cells.Select((cell, column) =>
                (line < cell.Count ? cell[line] : "").PadRight(widths[column]))).TrimEnd();
        }
    }

    private IEnumerable<string> RowByRow(int width)
    {
        var left = headings.Max(heading => heading.Length);
        for (var row = 0; row < _rows.Count; row++)
        {
            if (row > 0) yield return "";
            for (var column = 0; column < headings.Count; column++)
            {
                if (_rows[row][column].Length == 0) continue;
                var name = headings[column].PadRight(left);
                foreach (var line in WordWrap.Lines(_rows[row][column], Math.Max(1, width - left - Gap.Length)))
                {
                    yield return $"{name}{Gap}{line}";
                    name = new string(' ', left);
                }
            }
        }
    }

    private static int LongestWord(string text) => text.Split(' ').Max(word => word.Length);
}
