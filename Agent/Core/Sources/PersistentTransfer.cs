namespace ChunkOta.Agent;

/// <summary>Takes a transfer that breaks up again where it broke, as long as it gets on.</summary>
/// <param name="clock">Paces the repetitions.</param>
internal sealed class PersistentTransfer(TimeProvider clock)
{
    private const int MaxFailuresInARow = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs until nothing is left.</summary>
    /// <param name="left">How much is left now, in any unit.</param>
    /// <param name="once">Transfers what it can of that.</param>
    /// <param name="nothingCame">The failure when a transfer ends well and has brought nothing.</param>
    /// <exception cref="ChunkOtaException">The last failure, when a transfer fails five times without bringing
    /// anything; one that another try cannot change, at once.</exception>
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

    private static bool IsWorthRepeating(ChunkOtaException failure) =>
        failure.Code is ErrorCodes.ServerUnavailable or ErrorCodes.StoreUnavailable or ErrorCodes.TooSlow;
}
