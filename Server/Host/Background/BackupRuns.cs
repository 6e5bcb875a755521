using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Makes a backup whenever the newest one is old enough, until the host stops.</summary>
/// <remarks>The backups themselves say when the last one was made, so a restart changes nothing.</remarks>
/// <param name="maker">Makes the backups.</param>
/// <param name="interval">The time between two; zero for none.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="log">Gets a line for each backup.</param>
internal sealed partial class BackupRuns(
    BackupMaker maker, TimeSpan interval, TimeProvider clock, ILogger<BackupRuns> log) : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (interval <= TimeSpan.Zero) return;
        var due = DateTimeOffset.MinValue;
        using var timer = new PeriodicTimer(LookAgainAfter);
        do
        {
            if (clock.GetUtcNow() < due) continue;
            try
            {
                due = await maker.FindLastAsync(stoppingToken) + interval ?? due;
                if (clock.GetUtcNow() < due) continue;
                var began = clock.GetTimestamp();
                var outcome = await maker.RunAsync(verifiesAll: false, new Progress<ObjectFigures>(), stoppingToken);
                LogMade(
                    BackupReport.ShortName(outcome.Backup), outcome.Backup.Record.Objects, outcome.NewObjects,
                    outcome.NewBytes, (long)clock.GetElapsedTime(began).TotalMilliseconds);
                due = clock.GetUtcNow() + interval;
                foreach (var lost in outcome.Lost) LogLost(lost.Name.ToString(), lost.Detail);
            }
            catch (ChunkOtaException failure)
            {
                due = clock.GetUtcNow() + RetryAfter;
                LogFailed(failure.Code, failure.DescribeForOperator());
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(4120, LogLevel.Information,
        "Backup {Name} made: {Objects} objects, {NewObjects} new ones of {NewBytes} bytes, {Milliseconds} ms")]
    private partial void LogMade(string name, long objects, long newObjects, long newBytes, long milliseconds);

    [LoggerMessage(4121, LogLevel.Warning, "The backup lacks {Name}, which the store has lost: {Detail}")]
    private partial void LogLost(string name, string detail);

    [LoggerMessage(4122, LogLevel.Error, "No backup was made: {Code}: {Detail}: it is tried again in ten minutes")]
    private partial void LogFailed(string code, string detail);
}
