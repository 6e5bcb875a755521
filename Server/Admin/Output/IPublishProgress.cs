using Spectre.Console;

namespace ChunkOta.Admin;

/// <summary>Is told how far a publish is. Called from any thread.</summary>
internal interface IPublishProgress
{
    /// <summary>A step begins.</summary>
    /// <param name="step">What is done, such as "hashing".</param>
    /// <param name="totalBytes">How much there is to do.</param>
    void Begin(string step, long totalBytes);

    /// <summary>Some bytes of the step are done.</summary>
    void Advance(long bytes);

    /// <summary>The step is done.</summary>
    /// <param name="outcome">In a few words, such as "332 files, 109.7 MB".</param>
    void End(string outcome);
}

/// <summary>A line for each step that is done: for logs.</summary>
internal sealed class LineProgress(TextWriter error) : IPublishProgress
{
    private string _step = "";

    public void Begin(string step, long totalBytes) => _step = step;

    public void Advance(long bytes)
    {
        // A log wants what was done, not how it went.
    }

    public void End(string outcome) => error.WriteLine($"{_step}: {outcome}");
}

/// <summary>A bar for each step: for people.</summary>
internal sealed class BarProgress(ProgressContext bars) : IPublishProgress
{
    private ProgressTask? _bar;
    private string _step = "";

    public void Begin(string step, long totalBytes)
    {
        _step = step;
        _bar = bars.AddTask(Markup.Escape(step), maxValue: Math.Max(1, totalBytes));
    }

    public void Advance(long bytes) => _bar?.Increment(bytes);

    public void End(string outcome)
    {
        if (_bar is null)
            return;
        _bar.Description = Markup.Escape($"{_step}: {outcome}");
        _bar.Value = _bar.MaxValue;
        _bar.StopTask();
    }
}
