namespace ChunkOta.Agent;

/// <summary>Repeats the first call of a run while the server cannot be reached, for a bounded time: a device often
/// starts before its network does.</summary>
/// <param name="monitor">Told of each wait.</param>
internal sealed class PatientCall(RunMonitor monitor)
{
    private const int MaxTries = 5;

    /// <summary>No further try begins after this time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Makes the call.</summary>
    /// <exception cref="ChunkOtaException"><c>SERVER_UNAVAILABLE</c>: the last try failed, too; at once, any other
    /// failure.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var clock = monitor.Clock;
        var started = clock.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (ChunkOtaException e)
                when (e.Code == ErrorCodes.ServerUnavailable && tries < MaxTries
                    && clock.GetElapsedTime(started) < Limit)
            {
                monitor.Wait(e, tries == 1);
                await Task.Delay(RetryPause.After(tries, Random.Shared.NextDouble()), clock, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }
}
