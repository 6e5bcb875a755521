using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Lets publishers send, each within its own limits, so that none of them keeps the others out.</summary>
/// <param name="limits">The limits.</param>
/// <param name="clock">Measures pauses and rates.</param>
public sealed class UploadGate(UploadLimits limits, TimeProvider clock)
{
    /// <summary>The average rate below which an upload is ended.</summary>
    private const int LeastBytesPerSecond = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FairGate _streams = new(int.MaxValue, limits.StreamsPerCaller, clock);
    private readonly CallerBudgets _bytes = new(0, limits.BytesPerSecond, limits.BytesPerSecond, clock);

    /// <summary>Begins an upload. The caller disposes of it.</summary>
    /// <exception cref="RetryLaterException">THROTTLED: the caller has too many uploads at once.</exception>
    public async ValueTask<Upload> EnterAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!await _streams.TryEnterAsync(caller.Id, Patience, cancellationToken))
        {
            throw new RetryLaterException(
                ErrorCodes.Throttled,
                $"too many uploads at once: {caller.Id} has {limits.StreamsPerCaller}: end one of them, or wait until "
                    + "an idle one ends", limits.Idle);
        }

        return new Upload(
            caller.Id, new UploadPace(limits.Idle, LeastBytesPerSecond), _bytes, clock, _streams.Release);
    }
}
