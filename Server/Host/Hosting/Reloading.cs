using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>The parts that can change while the server runs.</summary>
/// <param name="Load">Loads the settings again.</param>
/// <param name="Levels">Get the log level.</param>
/// <param name="Certificate">Null when there is no TLS port.</param>
internal sealed record Reloadable(Func<ServerSettings> Load, LogLevels Levels, ServedCertificate? Certificate);

/// <summary>Takes over a renewed certificate each day and at SIGHUP, and a changed log level at SIGHUP.</summary>
/// <remarks>
/// What cannot be used is refused with a line in the log, and what is in use stays. The service manager is told here
/// alone that the server is ready, so that no reload says so before the ports are open.
/// </remarks>
/// <param name="lifetime">Tells when the ports are open: a reload that was requested before waits.</param>
/// <param name="hangups">Requests a reload.</param>
/// <param name="parts">Are reloaded.</param>
/// <param name="manager">Is told of the start and of each reload.</param>
/// <param name="clock">Tells whether the certificate expires.</param>
/// <param name="log">Gets a line for each change, each refusal and, each day, for a certificate that expires.</param>
internal sealed partial class Reloading(
    IHostApplicationLifetime lifetime, HangupSignal hangups, Reloadable parts, ServiceManager manager,
    TimeProvider clock, ILogger<Reloading> log) : BackgroundService
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        _ = Try(manager.Ready);
        WarnOfExpiry();
        while (true)
        {
            if (await hangups.WaitAsync(ReadAgainAfter, stoppingToken)) Reload();
            else _ = Try(ReloadCertificate);
            WarnOfExpiry();
        }
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var _ = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private void Reload()
    {
        _ = Try(manager.Reloading);
        var hasLevel = Try(() => parts.Levels.Level = parts.Load().Log.Level);
        var hasCertificate = Try(ReloadCertificate);
        if (hasLevel && hasCertificate) LogReloaded(parts.Levels.Level);
        _ = Try(manager.Ready);
    }

    private void ReloadCertificate()
    {
        if (parts.Certificate is not { } served || !served.Reload()) return;
        LogRenewed(served.Current.Leaf.SerialNumber, served.Current.Leaf.NotAfter.ToUniversalTime());
    }

    private void WarnOfExpiry()
    {
        if (parts.Certificate?.Current.FindWarning(clock.GetUtcNow()) is { } warning) LogWarning(warning);
    }

    /// <summary>Logs any failure: one that left this service would stop the server.</summary>
    private bool Try(Action reload)
    {
        try
        {
            reload();
            return true;
        }
        catch (ChunkOtaException failure)
        {
            LogRefused(failure.Code, failure.DescribeForOperator());
        }
        catch (Exception failure)
        {
            LogRefused(ErrorCodes.Internal, failure.Message);
        }

        return false;
    }

    [LoggerMessage(4095, LogLevel.Information, "reloaded; log level {Level}")]
    private partial void LogReloaded(LogLevel level);

    [LoggerMessage(4096, LogLevel.Information, "new TLS certificate: serial {Serial}, valid until {Expires:u}")]
    private partial void LogRenewed(string serial, DateTime expires);

    [LoggerMessage(4097, LogLevel.Error, "reload refused, what is in use stays: {Code}: {Reason}")]
    private partial void LogRefused(string code, string reason);

    [LoggerMessage(4098, LogLevel.Warning, "{Warning}: renew it, then reload (SIGHUP)")]
    private partial void LogWarning(string warning);
}
