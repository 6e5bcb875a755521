using ChunkOta.Client;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Reports the outcome of a run to the server, once for every change:
/// a check that finds nothing new is one call.</summary>
/// <remarks>No run fails because of its report.
/// A report that did not arrive stays due until a run delivers it.</remarks>
/// <param name="product">The product, whose record remembers whether a report is due.</param>
/// <param name="service">The server.</param>
/// <param name="meter">Counts the bytes that the run has sent and received.</param>
/// <param name="clock">Limits the wait.</param>
internal sealed class ReportStep(LocalProduct product, IUpdateService service, WireMeter meter, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Reports a run that succeeded.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="rejected">The release that was not installed because this device has rejected it; null for
    /// none.</param>
    /// <returns>True when the server knows the outcome.</returns>
    public async Task<bool> SucceededAsync(RunGoal goal, RejectedRelease? rejected)
    {
        try
        {
            return await TellSuccessAsync(goal, rejected).ConfigureAwait(false);
        }
        catch (ChunkOtaException e)
        {
            // The run has succeeded, whatever becomes of the note that it was told.
            product.Warnings.Add(e);
            return false;
        }
    }

    private async Task<bool> TellSuccessAsync(RunGoal goal, RejectedRelease? rejected)
    {
        var state = product.States.Find();
        if (state?.Refused is not null)
            state = product.States.Save(state with { Refused = null });
        if (state is not { IsReportDue: true })
            return true;
        if (!await TrySendAsync(ReportOf(goal, state, FailureOf(goal, rejected))).ConfigureAwait(false))
            return false;
        product.States.Save(state with { IsReportDue = false });
        return true;
    }

    /// <summary>Reports a run that failed; the next run that succeeds is then reported as well.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="stage">The stage that failed.</param>
    /// <param name="failure">The failure.</param>
    public async Task FailedAsync(RunGoal goal, UpdateStage stage, ChunkOtaException failure)
    {
        var state = TryFind();
        var report = ReportOf(goal, state, failure) with { FailedStage = stage };
        var isSent = await TrySendAsync(report).ConfigureAwait(false);
        if (state is null)
            return;
        TrySave(state, state with
        {
            IsReportDue = state.IsReportDue || isSent,
            Refused = IsRefusal(goal, failure) && state.Refused?.Code != failure.Code
                ? new RefusedAnswer(failure.Code, OneLine.Of(failure.Message))
                : state.Refused,
        });
    }

    /// <summary>The failure of a release that was rejected when the server could not be told.</summary>
    private static ChunkOtaException? FailureOf(RunGoal goal, RejectedRelease? rejected) =>
        rejected is { Cause: { } cause }
            ? new ChunkOtaException(
                ErrorCodes.HealthFailed, $"{goal.Product} {rejected.Version} does not work: {cause}")
            : null;

    /// <summary>Tells whether a failure means that the device cannot take what its channel names now.</summary>
    private static bool IsRefusal(RunGoal goal, ChunkOtaException failure) =>
        goal.Version is null && ExitCodes.Of(failure.Code) is (ExitCodes.Expired or ExitCodes.Refused);

    private RunReport ReportOf(RunGoal goal, ProductState? state, ChunkOtaException? failure) => new()
    {
        Product = goal.Product,
        Platform = goal.Platform,
        Channel = goal.Channel,
        RunningManifest = state?.Current,
        RunningVersion = state?.CurrentRelease?.Version ?? "",
        FailureCode = failure?.Code,
        FailureText = failure is null ? "" : OneLine.Of(failure.Message),
        Cause = failure is null ? null : FailureCauses.Of(failure),
        WireBytesUp = meter.Up,
        WireBytesDown = meter.Down,
    };

    private ProductState? TryFind()
    {
        try
        {
            return product.States.Find();
        }
        catch (ChunkOtaException)
        {
            // The failure that is to be told is the one to be seen.
            return null;
        }
    }

    private void TrySave(ProductState state, ProductState changed)
    {
        if (changed == state)
            return;
        try
        {
            product.States.Save(changed);
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
