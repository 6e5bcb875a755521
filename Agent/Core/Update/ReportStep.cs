using ChunkOta.Client;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Reports the outcome of a run to the server, once for every change:
/// a check that finds nothing new is one call.</summary>
/// <remarks>No run fails because of its report.
/// A report that did not arrive stays due until a run delivers it.</remarks>
/// <param name="states">The record on disk, which remembers whether a report is due.</param>
/// <param name="service">The server.</param>
/// <param name="meter">Counts the bytes that the run has sent and received.</param>
/// <param name="clock">Limits the wait.</param>
internal sealed class ReportStep(StateStore states, IUpdateService service, WireMeter meter, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Reports a run that succeeded.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <returns>True when the server knows the outcome.</returns>
    public async Task<bool> SucceededAsync(RunGoal goal)
    {
        if (states.Find() is not { IsReportDue: true } state)
            return true;
        if (!await TrySendAsync(ReportOf(goal, state, null)).ConfigureAwait(false))
            return false;
        states.Save(state with { IsReportDue = false });
        return true;
    }

    /// <summary>Reports a run that failed; the next run that succeeds is then reported as well.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="failure">The failure.</param>
    public async Task FailedAsync(RunGoal goal, ChunkOtaException failure)
    {
        var state = states.Find();
        if (await TrySendAsync(ReportOf(goal, state, failure)).ConfigureAwait(false) && state is not null)
            TryMarkDue(state);
    }

    private RunReport ReportOf(RunGoal goal, ProductState? state, ChunkOtaException? failure) => new()
    {
        Product = goal.Product,
        Platform = goal.Platform,
        Channel = goal.Channel,
        RunningManifest = state?.Current,
        RunningVersion = state?.CurrentRelease?.Version ?? "",
        FailureCode = failure?.Code,
        FailureText = failure is null ? "" : OneLine.Of(failure.Message),
        WireBytesUp = meter.Up,
        WireBytesDown = meter.Down,
    };

    private void TryMarkDue(ProductState state)
    {
        try
        {
            states.Save(state with { IsReportDue = true });
        }
        catch (FileSystemException)
        {
            // The disk may be what made the run fail: that failure is the one to be seen.
            return;
        }
    }

    private async Task<bool> TrySendAsync(RunReport report)
    {
        using var limit = new CancellationTokenSource(Timeout, clock);
        try
        {
            await service.ReportAsync(report, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is ChunkOtaException or OperationCanceledException)
        {
            return false;
        }
    }
}
