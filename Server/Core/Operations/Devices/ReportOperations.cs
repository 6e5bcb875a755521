using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Keeps what devices report of themselves.</summary>
public sealed partial class ReportOperations
{
    private const int MaxCauseCharacters = 1024;
    private const int MaxNameCharacters = 128;

    private readonly IIdentityCatalogue _identities;
    private readonly IDeviceCatalogue _devices;
    private readonly RunningUpdates _running;
    private readonly ScrubWorker _scrubs;
    private readonly ILogger<ReportOperations> _log;

    /// <summary>Makes the operations.</summary>
    /// <param name="identities">Knows products.</param>
    /// <param name="devices">Gets the reports.</param>
    /// <param name="running">Gets the progress of updates.</param>
    /// <param name="scrubs">Verifies releases that devices could not use.</param>
    /// <param name="log">Gets a line for each report of an outcome.</param>
    internal ReportOperations(
        IIdentityCatalogue identities,
        IDeviceCatalogue devices,
        RunningUpdates running,
        ScrubWorker scrubs,
        ILogger<ReportOperations> log) =>
        (_identities, _devices, _running, _scrubs, _log) = (identities, devices, running, scrubs, log);

    /// <summary>Stores the report of a device in place of its last one.</summary>
    /// <param name="caller">The device; a report about another device becomes one about this.</param>
    /// <param name="report">As received: texts are shortened and made one line before they are stored.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task ReportAsync(Caller caller, DeviceReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(report);
        DemandDevice(caller);
        var product = await _identities.GetProductOfDeviceAsync(caller, report.Product, cancellationToken);
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
        await _devices.PutReportAsync(stored, cancellationToken);
        if (IsOfRot(stored.CauseCode) && stored.Target is { } target) _scrubs.Suspect(target);
        LogReported(caller.Id, (ReportedState)stored.State, stored.RunningVersion, CauseOf(stored));
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
