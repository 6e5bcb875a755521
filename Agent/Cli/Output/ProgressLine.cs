using System.Globalization;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>A line on a terminal that shows the progress of a run; before that, the disk space that it needs.</summary>
/// <param name="terminal">Gets the line; the moving one only if it is a real terminal.</param>
/// <param name="clock">Paces the line.</param>
/// <param name="isPlanQuiet">Do not show the disk space: it is shown elsewhere, or the reader is a program.</param>
internal sealed class ProgressLine(Terminal terminal, TimeProvider clock, bool isPlanQuiet) : IProgress<UpdateProgress>
{
    private const string ClearLine = "\r\u001b[K";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long _drawn;
    private string _phase = "";

    /// <inheritdoc/>
    public void Report(UpdateProgress value)
    {
        if (value.Plan is { } plan && !isPlanQuiet)
        {
            Clear();
            terminal.Error.WriteLine($"needs {Printable.Bytes(plan.PeakDiskBytes)} of disk while it runs");
        }
        if (!terminal.IsErrorTerminal
            || (value.Phase == _phase && _drawn != 0 && clock.GetElapsedTime(_drawn) < Pause))
        {
            return;
        }
        (_phase, _drawn) = (value.Phase, clock.GetTimestamp());
        terminal.Error.Write(ClearLine + Text(value));
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_drawn != 0)
            terminal.Error.Write(ClearLine);
        _drawn = 0;
    }

    /// <summary>Returns the text of the line.</summary>
    internal static string Text(UpdateProgress value) => value.TotalBytes <= 0
        ? value.Phase
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Phase} {100.0 * value.DoneBytes / value.TotalBytes:0} % of {Printable.Bytes(value.TotalBytes)}");
}
