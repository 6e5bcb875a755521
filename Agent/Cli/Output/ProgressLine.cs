using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>A line on a terminal that shows the progress of a run; before that, the disk space that it needs.</summary>
/// <param name="terminal">Gets the line; the moving one only if it is a real terminal.</param>
/// <param name="clock">Paces the line.</param>
/// <param name="isJson">The reader is a program: neither disk space nor notes are shown.</param>
/// <param name="isDryRun">The disk space is shown elsewhere.</param>
internal sealed class ProgressLine(Terminal terminal, TimeProvider clock, bool isJson, bool isDryRun)
    : IProgress<UpdateProgress>
{
    private const string ClearLine = "\r\u001b[K";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TransferRate _rate = new(clock);
    private long _drawn;
    private string _phase = "";

    /// <inheritdoc/>
    public void Report(UpdateProgress value)
    {
        if (value.Plan is { } plan && !isDryRun)
            WriteLine($"needs {Printable.Bytes(plan.PeakDiskBytes)} of disk while it runs");
        if (value.Note is { } note)
            WriteLine(note);
        var rate = _rate.Observe(value);
        if (!terminal.IsErrorTerminal
            || (value.Phase == _phase && _drawn != 0 && clock.GetElapsedTime(_drawn) < Pause))
        {
            return;
        }
        (_phase, _drawn) = (value.Phase, clock.GetTimestamp());
        terminal.Error.Write(ClearLine + Text(value, rate));
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_drawn != 0)
            terminal.Error.Write(ClearLine);
        _drawn = 0;
    }

    /// <summary>Returns the text of the line.</summary>
    /// <param name="value">The progress.</param>
    /// <param name="rate">Bytes in a second; null when not known yet.</param>
    internal static string Text(UpdateProgress value, double? rate)
    {
        if (value.TotalBytes <= 0)
            return value.Phase;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Phase} {100.0 * value.DoneBytes / value.TotalBytes:0} % of {Printable.Bytes(value.TotalBytes)}");
        if (rate is not { } bytes)
            return line;
        line += $", {Printable.Bytes((long)bytes)}/s";
        return bytes >= 1
            ? $"{line}, {Printable.Span(TimeSpan.FromSeconds((value.TotalBytes - value.DoneBytes) / bytes))} left"
            : line;
    }

    private void WriteLine(string line)
    {
        if (isJson)
            return;
        Clear();
        terminal.Error.WriteLine(OneLine.Of(line));
    }
}
