namespace ChunkOta.Storage.S3;

/// <summary>Runs calls to the service: each attempt within a time limit, retried with exponential backoff while the
/// failure is transient and the deadline has not passed.</summary>
internal sealed class S3Calls(S3Bucket bucket, TimeProvider clock)
{
    /// <summary>For connecting, for the service to begin its answer, and for every MiB that is moved.</summary>
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LimitPerMebibyte = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Runs one call.</summary>
    /// <param name="bytes">The bytes that it moves.</param>
    /// <param name="call">One attempt, which must be safe to repeat, also when an earlier one succeeded unseen.</param>
    /// <exception cref="StoreFullException">The service has no space left for the caller.</exception>
    /// <exception cref="StoreUnavailableException">It refuses the call, or did not answer until the
    /// deadline.</exception>
    internal async Task<T> RunAsync<T>(
        long bytes, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await TryAsync(bytes, call, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (S3Failures.IsOfService(e) && !cancellationToken.IsCancellationRequested)
            {
                var pause = PauseAfter(attempt);
                if (!S3Failures.IsPassing(e) || clock.GetElapsedTime(began) + pause >= bucket.Deadline)
                    throw S3Failures.Describe(e, bucket);
                await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes one attempt within its limit.</summary>
    internal async Task<T> TryAsync<T>(
        long bytes, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var limit = AttemptLimit + (LimitPerMebibyte * (bytes / (1024d * 1024)));
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        return await call(either.Token).ConfigureAwait(false);
    }

    /// <summary>Between half and all of a pause that doubles, so that callers do not come back together.</summary>
    private static TimeSpan PauseAfter(int attempt) =>
        TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(attempt, 16)))
        * (0.5 + (Random.Shared.NextDouble() / 2));
}
