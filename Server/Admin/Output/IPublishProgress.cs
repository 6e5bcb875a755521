using ChunkOta.Cli;

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

    /// <summary>Says in words how far a long step is, for logs.</summary>
    /// <param name="state">Such as "2 of 3 deltas left".</param>
    void Note(string state);

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

    public void Note(string state) => error.WriteLine($"{_step}: {state}");

    public void End(string outcome) => error.WriteLine($"{_step}: {outcome}");
}

/// <summary>Nothing: for those who asked for quiet.</summary>
internal sealed class NoProgress : IPublishProgress
{
    public void Begin(string step, long totalBytes)
    {
        // Quiet.
    }

    public void Advance(long bytes)
    {
        // Quiet.
    }

    public void Note(string state)
    {
        // Quiet.
    }

    public void End(string outcome)
    {
        // Quiet.
    }
}

/// <summary>Shows the progress of a run on standard error: a moving line for people, lines for logs.</summary>
internal static class PublishProgress
{
    /// <summary>Runs work with the progress that fits the terminal.</summary>
    public static async Task<T> ShowAsync<T>(
        Terminal terminal, Diagnostics diagnostics, TimeProvider clock, Func<IPublishProgress, Task<T>> run)
    {
        if (!diagnostics.SaysProgress)
            return await run(new NoProgress());
        if (!terminal.IsErrorTerminal)
            return await run(new LineProgress(terminal.Error));
        using var line = new MovingProgress(terminal.Error, clock);
        return await run(line);
    }
}
