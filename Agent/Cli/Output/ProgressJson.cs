using System.Text.Json;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The progress of a run as lines of JSON for a program that watches.</summary>
/// <param name="terminal">Gets the lines on standard error.</param>
/// <param name="clock">Paces the lines.</param>
internal sealed class ProgressJson(Terminal terminal, TimeProvider clock) : IProgress<UpdateProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private (UpdateStage Stage, FailureCause? Cause, long Time)? _written;

    /// <inheritdoc/>
    public void Report(UpdateProgress value)
    {
        if (_written is { } last && last.Stage == value.Stage && last.Cause == value.Cause
            && clock.GetElapsedTime(last.Time) < Pause)
        {
            return;
        }
        _written = (value.Stage, value.Cause, clock.GetTimestamp());
        var line = new ProgressEvent
        {
            Stage = value.Stage,
            DoneBytes = value.DoneBytes,
            TotalBytes = value.TotalBytes,
            BytesPerSecond = (long?)value.BytesPerSecond,
            SecondsLeft = (long?)value.TimeLeft?.TotalSeconds,
            Cause = value.Cause?.ToWord(),
        };
        terminal.Error.WriteLine(JsonSerializer.Serialize(line, ReportJson.Progress));
    }
}
