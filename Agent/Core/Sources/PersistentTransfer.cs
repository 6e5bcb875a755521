using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Repeats a transfer that breaks, from where it broke, as long as it makes progress.</summary>
/// <param name="monitor">Told of each wait.</param>
/// <param name="hasOtherSource">True when the same bytes can be had elsewhere: a silent source is given up at once
/// then, else after one more try by a new connection.</param>
internal sealed class PersistentTransfer(RunMonitor monitor, bool hasOtherSource = false)
{
    private const int MaxFailuresInARow = 5;
    private const int MaxSilentInARow = 2;

    /// <summary>Transfers until nothing is left.</summary>
    /// <param name="left">Counts what is left now, in any unit.</param>
    /// <param name="once">Transfers what it can of that.</param>
    /// <param name="nothingCame">Makes the failure of a transfer that ends well and has brought nothing.</param>
    /// <exception cref="ChunkOtaException">The last failure, when a transfer fails five times in a row without bringing
    /// anything, or two with <c>TOO_SLOW</c>; at once, one that is not retryable, and one whose server asks for a wait
    /// of more than five minutes.</exception>
    public async Task RunAsync(
        Func<long> left,
        Func<CancellationToken, Task> once,
        Func<ChunkOtaException> nothingCame,
        CancellationToken cancellationToken)
    {
        var failures = 0;
        var waits = new AskedWaits(monitor);
        while (left() is > 0 and var before)
        {
            try
            {
                await once(cancellationToken).ConfigureAwait(false);
                if (left() == before)
                    throw nothingCame();
                failures = 0;
            }
            catch (RetryLaterException e) when (waits.Accepts(e))
            {
                await waits.WaitAsync(e, hasProgress: left() < before, cancellationToken).ConfigureAwait(false);
            }
            catch (ChunkOtaException e) when (e is not RetryLaterException && IsWorthRepeating(e))
            {
                var hasProgress = left() < before;
                failures = hasProgress ? 1 : failures + 1;
                var most = e.Code != ErrorCodes.TooSlow ? MaxFailuresInARow : hasOtherSource ? 1 : MaxSilentInARow;
                if (failures >= most && !hasProgress)
                    throw;
                monitor.Wait(e, failures == 1);
                await Task.Delay(
                    RetryPause.After(failures, Random.Shared.NextDouble()), monitor.Clock, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    /// <summary>A failure of the source that may pass; this device's own disk is not the source.</summary>
    private static bool IsWorthRepeating(ChunkOtaException failure) =>
        failure is not (FileSystemException or ChunkRefusedException) && ErrorMeaning.Of(failure.Code).IsRetryable;
}
