using ChunkOta.Cli;
using ChunkOta.Protos;
using Spectre.Console;

namespace ChunkOta.Admin;

/// <summary>Rows under headings: drawn for a person, plain aligned columns for a pipe.</summary>
internal sealed class TextTable(params IReadOnlyList<string> headings)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row of as many cells as there are headings.</summary>
    public void Add(params IReadOnlyList<string> cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Count, headings.Count);
        _rows.Add([.. cells.Select(OneLine.Of)]);
    }

    public void WriteTo(Terminal terminal)
    {
        if (terminal.IsOutTerminal)
            Draw(terminal.Out);
        else
            Align(terminal.Out);
    }

    private void Draw(TextWriter output)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var heading in headings)
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))));
        foreach (var row in _rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    private void Align(TextWriter output)
    {
        var all = _rows.Prepend(headings).ToList();
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
