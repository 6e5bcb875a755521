using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Keeps what devices report of themselves.</summary>
/// <param name="identities">Knows products.</param>
/// <param name="devices">Gets the reports.</param>
/// <param name="log">Gets a line for each report.</param>
public sealed partial class ReportOperations(
    IIdentityCatalogue identities, IDeviceCatalogue devices, ILogger<ReportOperations> log)
{
    private const int MaxCauseCharacters = 1024;
    private const int MaxNameCharacters = 128;

    /// <summary>Stores the report of a device in place of its last one.</summary>
    /// <param name="caller">The device; a report about another device becomes one about this.</param>
    /// <param name="report">As received: texts are shortened and made one line before they are stored.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task ReportAsync(Caller caller, DeviceReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(report);
        if (caller.Role != CallerRole.Device)
            throw new ChunkOtaException(
                ErrorCodes.NotAllowed, $"not allowed for {caller.Id}: reporting: only devices report");
        var product = await identities.GetProductOfDeviceAsync(caller, report.Product, cancellationToken);
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
        await devices.PutReportAsync(stored, cancellationToken);
        LogReported(caller.Id, (ReportedState)stored.State, stored.RunningVersion, stored.CauseCode);
    }

    /// <summary>One line of at most 128 characters.</summary>
    internal static string BoundName(string text) => Bound(text, MaxNameCharacters);

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
