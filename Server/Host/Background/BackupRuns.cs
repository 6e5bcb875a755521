using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Makes a backup whenever the newest one is old enough, until the host stops.</summary>
/// <remarks>The backups themselves say when the last one was made, so a restart changes nothing. Of several servers one
/// makes it.</remarks>
/// <param name="maker">Makes the backups.</param>
/// <param name="interval">The time between two; zero for none.</param>
/// <param name="gauge">Shows how the last one ended.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="log">Gets a line for each backup.</param>
internal sealed partial class BackupRuns(
    BackupMaker maker, TimeSpan interval, BackupGauge gauge, TimeProvider clock, ILogger<BackupRuns> log)
    : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(10);

    /// <summary>The longest rest: a clock that was set meanwhile makes a difference after that.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    /// <summary>False while old backups stay that were to be removed.</summary>
    private bool _isPruned = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (interval <= TimeSpan.Zero) return;
        var (rest, looked) = (TimeSpan.Zero, clock.GetTimestamp());
        using var timer = new PeriodicTimer(LookAgainAfter);
        do
        {
            if (clock.GetElapsedTime(looked) < rest) continue;
            rest = await RunAsync(stoppingToken);
            looked = clock.GetTimestamp();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Makes a backup if it is due; else removes the old ones that stayed after the last one.</summary>
    /// <returns>The time until the next look.</returns>
    internal async Task<TimeSpan> RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            var wait = await maker.FindWaitAsync(interval, stoppingToken);
            if (wait <= TimeSpan.Zero)
                await MakeAsync(stoppingToken);
            else if (!_isPruned)
                await PruneAsync(stoppingToken);
            gauge.Show(hasFailed: !_isPruned);
            var rest = wait < LongestRest ? wait : LongestRest;
            return _isPruned ? rest : RetryAfter;
        }
        catch (ChunkOtaException failure)
        {
            LogFailed(failure.Code, failure.DescribeForOperator());
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            // Whatever it is: devices are served on, and the next try may succeed.
            LogBroken(failure);
        }

        gauge.Show(hasFailed: true);
        return RetryAfter;
    }

    private async Task MakeAsync(CancellationToken stoppingToken)
    {
        var began = clock.GetTimestamp();
        if (await maker.RunIfDueAsync(interval, stoppingToken) is not { } outcome) return;
        LogMade(
            BackupReport.ShortName(outcome.Backup), outcome.Backup.Record.Objects, outcome.NewObjects,
            outcome.NewBytes, (long)clock.GetElapsedTime(began).TotalMilliseconds);
        foreach (var lost in outcome.Lost) LogLost(lost.Name.ToString(), lost.Detail);
        _isPruned = outcome.PruningFailure is null;
        if (outcome.PruningFailure is { } failure) LogNotPruned(failure.Code, failure.DescribeForOperator());
    }

    private async Task PruneAsync(CancellationToken stoppingToken)
    {
        try
        {
            _isPruned = await maker.PruneAsync(stoppingToken);
        }
        catch (ChunkOtaException failure)
        {
            LogNotPruned(failure.Code, failure.DescribeForOperator());
        }
    }

    [LoggerMessage(4120, LogLevel.Information,
        "Backup {Name} made: {Objects} objects, {NewObjects} new ones of {NewBytes} bytes, {Milliseconds} ms")]
    private partial void LogMade(string name, long objects, long newObjects, long newBytes, long milliseconds);

    [LoggerMessage(4121, LogLevel.Warning, "The backup lacks {Name}, which the store has lost: {Detail}")]
    private partial void LogLost(string name, string detail);

    [LoggerMessage(4122, LogLevel.Error, "No backup was made: {Code}: {Detail}: it is tried again in ten minutes")]
    private partial void LogFailed(string code, string detail);

    [LoggerMessage(4123, LogLevel.Error, "No backup was made, because it broke: it is tried again in ten minutes")]
    private partial void LogBroken(Exception failure);

    [LoggerMessage(4124, LogLevel.Error,
        "Old backups were not removed: {Code}: {Detail}: it is tried again in ten minutes")]
    private partial void LogNotPruned(string code, string detail);
}
