namespace ChunkOta.Agent;

/// <summary>Reports the progress of an update to the server while it runs: the newest every few seconds, and nothing
/// for an update that ends sooner.</summary>
/// <remarks>No run fails or waits because of it: after a failed call the server is told nothing more.</remarks>
internal sealed class ProgressReports : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _telling;

    /// <summary>Begins.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="monitor">Has the newest progress.</param>
    /// <param name="service">The server.</param>
    public ProgressReports(RunGoal goal, RunMonitor monitor, IUpdateService service) =>
        _telling = goal.IsDryRun ? Task.CompletedTask : TellAsync(goal, monitor, service, _stop.Token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _telling.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static async Task TellAsync(
        RunGoal goal, RunMonitor monitor, IUpdateService service, CancellationToken stop)
    {
        try
        {
            using var timer = new PeriodicTimer(Pause, monitor.Clock);
            UpdateProgress told = default;
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                var latest = monitor.Latest;
                if (latest == told || !IsWorthTelling(latest.Stage))
                    continue;
                await service.TellProgressAsync(
                    new ProgressNote(goal.Product, goal.Platform, goal.Channel, latest), stop).ConfigureAwait(false);
                told = latest;
            }
        }
        catch (Exception e) when (e is ChunkOtaException or OperationCanceledException or InvalidOperationException
            or IOException)
        {
            // People see a little less; the update goes on, and may have made its release current already.
            return;
        }
    }

    private static bool IsWorthTelling(UpdateStage stage) =>
        stage is UpdateStage.Downloading or UpdateStage.Assembling or UpdateStage.Staged;
}
