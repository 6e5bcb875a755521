using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Repeats a transfer that breaks, from where it broke, as long as it makes progress.</summary>
/// <param name="clock">Paces the repetitions.</param>
internal sealed class PersistentTransfer(TimeProvider clock)
{
    private const int MaxFailuresInARow = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Transfers until nothing is left.</summary>
    /// <param name="left">Counts what is left now, in any unit.</param>
    /// <param name="once">Transfers what it can of that.</param>
    /// <param name="nothingCame">Makes the failure of a transfer that ends well and has brought nothing.</param>
    /// <exception cref="ChunkOtaException">The last failure, when a transfer fails five times in a row without bringing
    /// anything; at once, one that is not retryable.</exception>
    public async Task RunAsync(
        Func<long> left,
        Func<CancellationToken, Task> once,
        Func<ChunkOtaException> nothingCame,
        CancellationToken cancellationToken)
    {
        var failures = 0;
        while (left() is > 0 and var before)
        {
            try
            {
                await once(cancellationToken).ConfigureAwait(false);
                if (left() == before)
                    throw nothingCame();
            }
            catch (ChunkOtaException e) when (IsWorthRepeating(e))
            {
                failures = left() < before ? 1 : failures + 1;
                if (failures == MaxFailuresInARow)
                    throw;
                await Task.Delay(FirstPause * (1 << failures), clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A failure of the source that may pass; this device's own disk is not the source.</summary>
    private static bool IsWorthRepeating(ChunkOtaException failure) =>
        failure is not FileSystemException && ErrorMeaning.Of(failure.Code).IsRetryable;
}
