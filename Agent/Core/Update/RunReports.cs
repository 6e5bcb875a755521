using ChunkOta.Client;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>Tells the server how things stand here, once for every change: a check that finds nothing new is one
/// call.</summary>
/// <remarks>A report is never worth failing for. One that did not arrive stays due until a run delivers it.</remarks>
/// <param name="states">The record on disk, which remembers what is due.</param>
/// <param name="source">The server.</param>
/// <param name="meter">What the run has moved over the network.</param>
/// <param name="clock">Limits the patience.</param>
internal sealed class RunReports(StateStore states, IReleaseSource source, WireMeter meter, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>After a run that went well.</summary>
    /// <param name="target">What it was to bring about.</param>
    /// <returns>Whether the server knows how things stand.</returns>
    public async Task<bool> TellSuccessAsync(RunGoal target)
    {
        if (states.Find() is not { IsReportDue: true } state)
            return true;
        if (!await TryTellAsync(ReportOf(target, state, null)).ConfigureAwait(false))
            return false;
        states.Save(state with { IsReportDue = false });
        return true;
    }

    /// <summary>After a run that failed: now, and the next one that goes well tells that.</summary>
    /// <param name="target">What it was to bring about.</param>
    /// <param name="failure">Why it did not.</param>
    public async Task TellFailureAsync(RunGoal target, ChunkOtaException failure)
    {
        var state = states.Find();
        if (await TryTellAsync(ReportOf(target, state, failure)).ConfigureAwait(false) && state is not null)
            TryMarkDue(state);
    }

    private static ReportRequest ReportOf(RunGoal target, ProductState? state, ChunkOtaException? failure) => new()
    {
        Product = target.Product,
        Platform = target.Platform,
        Channel = target.Channel,
        RunningManifestDigest = state?.Current is { } current ? current.ToByteString() : ByteString.Empty,
        RunningVersion = state?.CurrentRelease?.Version ?? "",
        State = failure is null ? DeviceState.Succeeded : DeviceState.Failed,
        CauseCode = failure?.Code ?? "",
        CauseText = failure is null ? "" : OneLine.Of(failure.Message),
        AgentVersion = AgentVersion.Current,
    };

    private bool TryMarkDue(ProductState state)
    {
        try
        {
            states.Save(state with { IsReportDue = true });
            return true;
        }
        catch (FileSystemException)
        {
            // The disk may be what made the run fail: that failure is the one to be seen.
            return false;
        }
    }

    private async Task<bool> TryTellAsync(ReportRequest report)
    {
        report.WireBytesUp = (ulong)meter.Up;
        report.WireBytesDown = (ulong)meter.Down;
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            await source.ReportAsync(report, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is ChunkOtaException or OperationCanceledException)
        {
            return false;
        }
    }
}
