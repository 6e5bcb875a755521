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

    private long _drawn;
    private UpdateStage _stage;

    /// <inheritdoc/>
    public void Report(UpdateProgress value)
    {
        if (value.Plan is { } plan && !isDryRun)
            WriteLine($"needs {Printable.Bytes(plan.PeakDiskBytes)} of disk while it runs");
        if (value.Note is { } note)
            WriteLine(note);
        if (!terminal.IsErrorTerminal
            || (value.Stage == _stage && _drawn != 0 && clock.GetElapsedTime(_drawn) < Pause))
        {
            return;
        }
        (_stage, _drawn) = (value.Stage, clock.GetTimestamp());
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
    /// <param name="value">The progress.</param>
    internal static string Text(UpdateProgress value)
    {
        var stage = Words.Of(value.Stage);
        if (value.Cause is { } cause)
            return $"{stage}: waiting ({Words.Of(cause)})";
        if (value.TotalBytes <= 0)
            return stage;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{stage} {100.0 * value.DoneBytes / value.TotalBytes:0} % of {Printable.Bytes(value.TotalBytes)}");
        if (value.BytesPerSecond is not { } bytes)
            return line;
        line += $", {Printable.Bytes((long)bytes)}/s";
        return value.TimeLeft is { } left ? $"{line}, {Printable.Span(left)} left" : line;
    }

    private void WriteLine(string line)
    {
        if (isJson)
            return;
        Clear();
        terminal.Error.WriteLine(OneLine.Of(line));
    }
}
