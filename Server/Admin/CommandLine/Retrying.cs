namespace ChunkOta.Admin;

/// <summary>Repeats a step whose connection broke, a few times, each after a longer pause.</summary>
internal static class Retrying
{
    /// <summary>With the pauses between them some twelve seconds: a server that is restarted is back by then.</summary>
    public const int MaxTries = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// Runs the step until it succeeds, or fails otherwise than by the server being away, or has been tried enough.
    /// </summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> step, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await step();
            }
            catch (ChunkOtaException e) when (e.Code == ErrorCodes.ServerUnavailable && tries < MaxTries)
            {
                await Task.Delay(FirstPause * (1 << (tries - 1)), clock, cancellationToken);
            }
        }
    }
}
