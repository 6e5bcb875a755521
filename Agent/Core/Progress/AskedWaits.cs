using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The waits that a server asks for. It is well and names a time, so they are not failures; yet a run ends
/// when one would be longer than five minutes, or when half an hour of them has brought nothing.</summary>
/// <param name="monitor">Told of each wait.</param>
internal sealed class AskedWaits(RunMonitor monitor)
{
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(30);

    private TimeSpan _asked;

    /// <summary>True when the run waits for as long as it was asked to.</summary>
    public bool Accepts(RetryLaterException failure) =>
        failure.RetryAfter <= RetryPause.LongestAsked && _asked < Most;

    /// <summary>Waits for as long as the server asks.</summary>
    /// <param name="failure">Has the time.</param>
    /// <param name="hasProgress">True when the call has brought something: the half hour begins anew.</param>
    public async Task WaitAsync(
        RetryLaterException failure, bool hasProgress, CancellationToken cancellationToken)
    {
        var pause = RetryPause.AsAsked(failure.RetryAfter, Random.Shared.NextDouble());
        monitor.Wait(failure, isFirst: _asked == TimeSpan.Zero);
        _asked = hasProgress ? pause : _asked + pause;
        await Task.Delay(pause, monitor.Clock, cancellationToken).ConfigureAwait(false);
    }
}
