using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Keeps what devices report of themselves.</summary>
public sealed partial class ReportOperations
{
    private const int MaxCauseCharacters = 1024;
    private const int MaxNameCharacters = 128;

    /// <summary>A device can claim any number of bytes: more than this multiple of a full download is not
    /// counted.</summary>
    private const long MostFold = 4;

    /// <summary>The longest that a report waits for a figure: the report itself is stored by then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ICatalogue _catalogue;
    private readonly UpdateCosts _costs;
    private readonly RunningUpdates _running;
    private readonly ScrubWorker _scrubs;
    private readonly IServerObserver? _observer;
    private readonly ILogger<ReportOperations> _log;

    /// <summary>Makes the operations.</summary>
    /// <param name="catalogue">Knows products and releases, and gets the reports.</param>
    /// <param name="costs">Tells what a full download is.</param>
    /// <param name="running">Gets the progress of updates.</param>
    /// <param name="scrubs">Verifies releases that devices could not use.</param>
    /// <param name="observer">Is told of each outcome.</param>
    /// <param name="log">Gets a line for each report of an outcome.</param>
    internal ReportOperations(
        ICatalogue catalogue,
        UpdateCosts costs,
        RunningUpdates running,
        ScrubWorker scrubs,
        IServerObserver? observer,
        ILogger<ReportOperations> log) =>
        (_catalogue, _costs, _running, _scrubs, _observer, _log) =
            (catalogue, costs, running, scrubs, observer, log);

    /// <summary>Stores the report of a device in place of its last one.</summary>
    /// <param name="caller">The device; a report about another device becomes one about this.</param>
    /// <param name="report">As received: texts are shortened and made one line before they are stored.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task ReportAsync(Caller caller, DeviceReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(report);
        DemandDevice(caller);
        var product = await _catalogue.Identities.GetProductOfDeviceAsync(
            caller, report.Product, cancellationToken);
        var stored = report with
        {
            DeviceId = caller.Id,
            Product = product.Name,
            Platform = BoundName(report.Platform),
            Channel = BoundName(report.Channel),
            RunningVersion = BoundName(report.RunningVersion),
            CauseCode = BoundName(report.CauseCode),
            CauseText = Bound(report.CauseText, MaxCauseCharacters),
            AgentVersion = BoundName(report.AgentVersion),
        };
        _running.End(caller.Id);
        var last = await _catalogue.Devices.FindReportAsync(caller.Id, cancellationToken);
        await _catalogue.Devices.PutReportAsync(stored, cancellationToken);
        if (IsOfRot(stored.CauseCode) && stored.Target is { } target
            && await _catalogue.Releases.FindReleaseAsync(target, cancellationToken) is { } release
            && release.Product == product.Name)
            _scrubs.Suspect(target);
        LogReported(caller.Id, (ReportedState)stored.State, stored.RunningVersion, CauseOf(stored));
        if (_observer is not null) await ObserveAsync(_observer, stored, last?.Running, cancellationToken);
    }

    /// <summary>Notes the progress of a device's update; nothing is stored or logged.</summary>
    /// <param name="caller">The device.</param>
    /// <param name="step">The progress.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void NoteProgress(Caller caller, UpdateStep step)
    {
        ArgumentNullException.ThrowIfNull(caller);
        DemandDevice(caller);
        _running.Note(caller.Id, step);
    }

    /// <summary>The figures of the updates that run now.</summary>
    public RunningFigures ReadRunning() => _running.Read();

    /// <summary>One line of at most 128 characters.</summary>
    internal static string BoundName(string text) => Bound(text, MaxNameCharacters);

    private async Task ObserveAsync(
        IServerObserver observer, DeviceReport report, Digest? lastRunning, CancellationToken cancellationToken)
    {
        observer.Reported(report.State, report.Cause);
        if (report is not { State: (int)ReportedState.Succeeded, Running: { } running } || running == lastRunning)
            return;
        try
        {
            if (await _catalogue.Releases.FindReleaseAsync(running, cancellationToken) is not { } release
                || release.Product != report.Product)
                return;
            var cost = await _costs.GetAsync(null, running, cancellationToken).AsTask()
                .WaitAsync(Patience, cancellationToken);
            var full = cost.ChunkBytes;
            var received = (long)Math.Min(report.WireBytesDown, (ulong)(full * MostFold));
            observer.Updated(lastRunning is null, received, full);
        }
        catch (TimeoutException)
        {
            // The measurement goes on, and the next device gets its result.
            return;
        }
        catch (ChunkOtaException failure)
        {
            // The report is stored; only the figure is missing.
            LogNotMeasured(FailureSeverity.LevelOf(failure), running, failure.Code, failure.DescribeForOperator());
        }
    }

    private static void DemandDevice(Caller caller)
    {
        if (caller.Role != CallerRole.Device)
            throw new ChunkOtaException(
                ErrorCodes.NotAllowed, $"not allowed for {caller.Id}: reporting: only devices report");
    }

    /// <summary>True for a failure that a rotten object causes: to the device it looks like an attack.</summary>
    private static bool IsOfRot(string code) => code is ErrorCodes.ChunkHash or ErrorCodes.FileHash
        or ErrorCodes.FrameInvalid or ErrorCodes.DecompressLimit or ErrorCodes.SigInvalid or ErrorCodes.DigestMismatch
        or ErrorCodes.ManifestInvalid or ErrorCodes.DeltaBad;

    /// <summary>The code of a failure, and where to look; empty for none.</summary>
    private static string CauseOf(DeviceReport report) =>
        report.Cause > 0 && Enum.IsDefined((FailureCause)(report.Cause - 1))
            ? $"{report.CauseCode} ({((FailureCause)(report.Cause - 1)).ToWord()})"
            : report.CauseCode;

    private static string Bound(string text, int maxCharacters)
    {
        var line = OneLine.Of(text);
        return line.Length <= maxCharacters ? line : line[..maxCharacters];
    }

    [LoggerMessage(4021, LogLevel.Information, "Device {Device} reports {State}, running {Version} {Cause}")]
    private partial void LogReported(string device, ReportedState state, string version, string cause);

    [LoggerMessage(EventId = 4024, Message = "The update to manifest {Manifest} was not measured: {Code}: {Reason}")]
    private partial void LogNotMeasured(LogLevel level, Digest manifest, string code, string reason);

    /// <summary>The states of a device, by the numbers that reports carry.</summary>
    private enum ReportedState
    {
        Unspecified,
        Idle,
        Downloading,
        Staged,
        Succeeded,
        Failed,
        RolledBack,
    }
}
