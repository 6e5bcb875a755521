namespace ChunkOta.Agent;

/// <summary>Tells the server how an update gets on, while it runs: a new step or a new cause of a wait within a second,
/// bytes every few seconds, and nothing for an update that is over before.</summary>
/// <remarks>No run fails or waits because of it. Only the newest progress is told; while a call is on its way, the rest
/// is skipped.</remarks>
internal sealed class ProgressReports : IAsyncDisposable
{
    /// <summary>The least time between two calls.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The time after which a step is told again because its bytes have changed.</summary>
    private static readonly TimeSpan BytesPause = TimeSpan.FromSeconds(5);

    /// <summary>The time after which progress is told again although it has not changed, since servers forget it after
    /// a minute; and the time that a server is left alone that could not be told.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(30);

    private readonly RunGoal _goal;
    private readonly RunMonitor _monitor;
    private readonly IUpdateService _service;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _telling;
    private UpdateProgress _told;

    /// <summary>Begins.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="monitor">Has the newest progress.</param>
    /// <param name="service">The server.</param>
    public ProgressReports(RunGoal goal, RunMonitor monitor, IUpdateService service)
    {
        (_goal, _monitor, _service) = (goal, monitor, service);
        _telling = goal.IsDryRun ? Task.CompletedTask : TellAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task TellAsync()
    {
        using var timer = new PeriodicTimer(Pause, _monitor.Clock);
        var (toldAt, wasHeard) = (_monitor.Clock.GetTimestamp(), true);
        while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
        {
            var now = _monitor.Clock.GetTimestamp();
            var latest = _monitor.Latest;
            if (!IsWorthTelling(latest.Stage)
                || _monitor.Clock.GetElapsedTime(toldAt, now) < (wasHeard ? PauseBefore(latest) : LongPause))
                continue;
            wasHeard = await TryTellAsync(latest).ConfigureAwait(false);
            (_told, toldAt) = (latest, now);
        }
    }

    private TimeSpan PauseBefore(UpdateProgress latest) =>
        latest.Stage != _told.Stage || latest.Cause != _told.Cause ? TimeSpan.Zero
        : latest != _told ? BytesPause
        : LongPause;

    private async Task<bool> TryTellAsync(UpdateProgress latest)
    {
        try
        {
            await _service.TellProgressAsync(
                new ProgressNote(_goal.Product, _goal.Platform, _goal.Channel, latest), _stop.Token)
                .ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is ChunkOtaException or OperationCanceledException or InvalidOperationException
            or IOException)
        {
            // People see a little less; the update goes on, and may have made its release current already.
            return false;
        }
    }

    private static bool IsWorthTelling(UpdateStage stage) =>
        stage is UpdateStage.Downloading or UpdateStage.Assembling or UpdateStage.Staged;
}
