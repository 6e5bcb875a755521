using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Repeats the first call of a run while the server cannot be reached, for a bounded time: a device often
/// starts before its network does. A server that asks to come back later gets the time that it names.</summary>
/// <param name="monitor">Told of each wait.</param>
/// <param name="broughtBytes">Counts what calls that broke have brought: each that brings more begins the patience
/// anew; null when nothing is kept of them.</param>
internal sealed class PatientCall(RunMonitor monitor, Func<long>? broughtBytes = null)
{
    private const int MaxTries = 5;

    /// <summary>No further try begins after this time without progress.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Makes the call.</summary>
    /// <exception cref="ChunkOtaException"><c>SERVER_UNAVAILABLE</c>: the last try failed, too; at once, any other
    /// failure, such as <c>TOO_SLOW</c> of a call that brought nothing, or a wait that is too long.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var clock = monitor.Clock;
        var (started, tries, brought) = (clock.GetTimestamp(), 0, 0L);
        var waits = new AskedWaits(monitor);
        while (true)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (RetryLaterException e) when (waits.Accepts(e))
            {
                await waits.WaitAsync(e, hasProgress: false, cancellationToken).ConfigureAwait(false);
            }
            catch (ChunkOtaException e) when (e.Code is ErrorCodes.ServerUnavailable or ErrorCodes.TooSlow)
            {
                var now = broughtBytes?.Invoke() ?? 0;
                var hasProgress = now > brought;
                (started, tries, brought) = hasProgress ? (clock.GetTimestamp(), 1, now) : (started, tries + 1, now);
                if (!hasProgress && (e.Code == ErrorCodes.TooSlow || tries == MaxTries
                    || clock.GetElapsedTime(started) >= Limit))
                {
                    throw;
                }
                monitor.Wait(e, tries == 1);
                await Task.Delay(RetryPause.After(tries, Random.Shared.NextDouble()), clock, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }
}
