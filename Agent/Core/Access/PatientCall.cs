namespace ChunkOta.Agent;

/// <summary>Repeats the first call of a run while the server cannot be reached, for a bounded time: a device often
/// starts before its network does.</summary>
/// <param name="clock">Paces the repetitions.</param>
/// <param name="progress">Told once that the server is away, if given.</param>
internal sealed class PatientCall(TimeProvider clock, IProgress<UpdateProgress>? progress)
{
    private const int MaxTries = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    /// <summary>No further try begins after this time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Makes the call.</summary>
    /// <exception cref="ChunkOtaException"><c>SERVER_UNAVAILABLE</c>: the last try failed, too; at once, any other
    /// failure.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
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
                if (tries == 1)
                    progress?.Report(new UpdateProgress("check") { Note = $"{e.Message}: trying again" });
                await Task.Delay(FirstPause * (1 << (tries - 1)), clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
