using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Waits until the server has built the deltas that it is asked for.</summary>
/// <param name="clock">Measures the wait.</param>
/// <param name="progress">Told how many are left.</param>
internal sealed class DeltaWait(TimeProvider clock, IPublishProgress progress)
{
    /// <summary>The pause between two lines of a log.</summary>
    private static readonly TimeSpan NoteAgainAfter = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(300);

    /// <summary>Waits until no delta is left to build. Deltas that failed are not waited for: devices use chunks
    /// instead.</summary>
    /// <param name="list">Asks for the deltas.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="mustBuild">A server that builds no deltas fails the wait, even if none is queued.</param>
    /// <param name="outcome">What was done and what was not, if the wait fails.</param>
    /// <param name="next">The command that goes on.</param>
    /// <returns>The last list.</returns>
    /// <exception cref="ChunkOtaException"><c>TIMED_OUT</c>; <c>CONFIG_INVALID</c>: the server builds no
    /// deltas.</exception>
    public async Task<ListDeltasResponse> RunAsync(
        Func<Task<ListDeltasResponse>> list, TimeSpan limit, bool mustBuild, string outcome, string next,
        CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var (reported, done, noted) = (-1, 0L, started);
        while (true)
        {
            var deltas = await Retrying.RunAsync(list, clock, cancellationToken);
            var left = deltas.Queued.Where(job => job.State != DeltaJobState.Failed).ToList();
            if (!deltas.IsBuilding && (mustBuild || left.Count > 0))
                throw Failed(
                    ErrorCodes.ConfigInvalid, "the server builds no deltas (its setting Deltas:Workers is 0)",
                    outcome, next);
            if (left.Count != reported)
            {
                if (reported > 0)
                    progress.End(Describe(deltas, left.Count));
                if (left.Count == 0)
                    return deltas;
                progress.Begin("building deltas", left.Sum(job => (long)job.TotalBytes));
                (reported, done, noted) = (left.Count, 0, clock.GetTimestamp());
                progress.Note(Describe(left));
            }
            else if (clock.GetElapsedTime(noted) >= NoteAgainAfter)
            {
                noted = clock.GetTimestamp();
                progress.Note(Describe(left));
            }

            var now = left.Sum(job => (long)job.DoneBytes);
            progress.Advance(Math.Max(0, now - done));
            done = Math.Max(now, done);
            if (clock.GetElapsedTime(started) >= limit)
                throw Failed(
                    ErrorCodes.TimedOut, $"{Describe(left)} after {Span(limit)}", outcome, next);
            await Task.Delay(LookAgainAfter, clock, cancellationToken);
        }
    }

    private static ChunkOtaException Failed(string code, string why, string outcome, string next) =>
        new(code, $"{outcome}: {why}: go on with {next}") { Hint = next };

    private static string Describe(ListDeltasResponse deltas, int left)
    {
        var stored = deltas.Built.Count(delta => !delta.Digest.IsEmpty);
        var failed = deltas.Queued.Count - left;
        return $"{stored} built, {left} left"
            + (failed > 0 ? $", {failed} failed: devices download chunks instead" : "");
    }

    private static string Describe(List<QueuedDelta> left)
    {
        const int Named = 3;
        var names = left.Take(Named).Select(job => $"{job.FromVersion} → {job.ToVersion} {job.Platform}"
            + (job.TotalBytes > 0 ? $" {Printable.Share((double)job.DoneBytes / job.TotalBytes)}" : ""));
        var more = left.Count > Named ? $" and {left.Count - Named} more" : "";
        var count = left.Count == 1 ? "1 delta is" : $"{left.Count} deltas are";
        return $"{count} not built ({string.Join(", ", names)}{more})";
    }

    private static string Span(TimeSpan span) =>
        span.TotalSeconds < 120 ? $"{span.TotalSeconds:0} s" : $"{span.TotalMinutes:0} min";
}
