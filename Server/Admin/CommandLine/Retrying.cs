using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>Repeats a step whose connection broke, or that the server refused for now, a few times.</summary>
internal static class Retrying
{
    /// <summary>With the pauses between them some twelve seconds: a server that is restarted is back by then.</summary>
    public const int MaxTries = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);

    /// <summary>A server that names a longer time is not waited for.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Runs the step until it succeeds, or fails for good, or has been tried enough.
    /// </summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> step, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await step();
            }
            catch (ChunkOtaException e) when (IsPassing(e) && tries < MaxTries)
            {
                await Task.Delay(PauseAfter(e, tries), clock, cancellationToken);
            }
        }
    }

    /// <summary>True for a failure that may pass: the server or its store is away, it ended a stream that stood still,
    /// or it says when to come back.</summary>
    public static bool IsPassing(ChunkOtaException failure) => failure is RetryLaterException later
        ? later.RetryAfter <= LongestAsked
        : failure.Code is ErrorCodes.ServerUnavailable or ErrorCodes.StoreUnavailable or ErrorCodes.TimedOut;

    /// <summary>The pause before the next try: as long as the server asks for, else longer than the last one.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="tries">The tries so far, at least 1.</param>
    public static TimeSpan PauseAfter(ChunkOtaException failure, int tries) =>
        failure is RetryLaterException later ? later.RetryAfter : FirstPause * (1 << (tries - 1));
}
