using System.Globalization;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>One moving line for the step that runs, with rate and time left; a line for each that is done.</summary>
/// <param name="error">A terminal.</param>
/// <param name="clock">Paces the line.</param>
internal sealed class MovingProgress(TextWriter error, TimeProvider clock) : IPublishProgress, IDisposable
{
    private const string ClearLine = "\r\u001b[K";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private string _step = "";
    private long _total;
    private long _done;
    private long _began;
    private long _drawn;

    public void Begin(string step, long totalBytes)
    {
        lock (_lock)
        {
            (_step, _total, _done) = (step, totalBytes, 0);
            (_began, _drawn) = (clock.GetTimestamp(), 0);
            Draw();
        }
    }

    public void Advance(long bytes)
    {
        lock (_lock)
        {
            _done += bytes;
            if (clock.GetElapsedTime(_drawn) >= Pause) Draw();
        }
    }

    public void Note(string state)
    {
        lock (_lock) error.Write($"{ClearLine}{_step}: {state}");
    }

    public void End(string outcome)
    {
        lock (_lock)
        {
            error.WriteLine($"{ClearLine}{_step}: {outcome}");
            _drawn = 0;
        }
    }

    /// <summary>Removes the line of a step that did not end.</summary>
    public void Dispose()
    {
        if (_drawn != 0) error.Write(ClearLine);
    }

    /// <summary>The text of the line.</summary>
    internal static string Text(string step, long done, long total, TimeSpan elapsed)
    {
        if (total <= 0) return step;
        var seconds = elapsed.TotalSeconds;
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{step} {100.0 * Math.Min(done, total) / total:0} % of {Printable.Bytes(total)}");
        if (seconds < 1 || done <= 0) return text;
        var rate = done / seconds;
        var left = TimeSpan.FromSeconds(Math.Max(0, total - done) / rate);
        return $"{text}, {Printable.Bytes((long)rate)}/s, {Printable.Span(left)} left";
    }

    private void Draw()
    {
        _drawn = clock.GetTimestamp();
        error.Write(ClearLine + Text(_step, _done, _total, clock.GetElapsedTime(_began)));
    }
}
