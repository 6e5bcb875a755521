using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>One transfer to a caller, which takes turns with others. One caller at a time.</summary>
public sealed class Transfer : IDisposable
{
    /// <summary>The time after which a transfer lets others go first, if they wait.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    private readonly string _caller;
    private readonly FairGate _permits;
    private readonly CallerBudgets _budgets;
    private readonly TimeProvider _clock;
    private bool _isAdmitted;
    private long _since;

    /// <param name="caller">The caller's name.</param>
    /// <param name="permits">Bound the transfers at once.</param>
    /// <param name="budgets">Bound the rates.</param>
    /// <param name="clock">Measures turns.</param>
    internal Transfer(string caller, FairGate permits, CallerBudgets budgets, TimeProvider clock) =>
        (_caller, _permits, _budgets, _clock) = (caller, permits, budgets, clock);

    /// <summary>Waits until bytes may be sent: call it before each piece.</summary>
    /// <exception cref="RetryLaterException">THROTTLED: they may be sent much later.</exception>
    public async ValueTask SpendAsync(long bytes, CancellationToken cancellationToken)
    {
        // A turn that could not be had again is waited for before anything more is sent.
        if (!_isAdmitted || (_permits.IsWanted && _clock.GetElapsedTime(_since) >= Turn))
        {
            Dispose();
            await BeginAsync(cancellationToken);
        }

        await PayAsync(bytes, cancellationToken);
    }

    /// <summary>As <see cref="SpendAsync"/>, for a body whose length has been sent: nothing can be refused any more, so
    /// it waits for as long as it takes.</summary>
    public async ValueTask SpendInBodyAsync(long bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await SpendAsync(bytes, cancellationToken);
                return;
            }
            catch (RetryLaterException)
            {
                // Others may send meanwhile.
                Dispose();
                await Task.Delay(SendingGate.Patience, _clock, cancellationToken);
            }
        }
    }

    /// <summary>Ends the transfer.</summary>
    public void Dispose()
    {
        if (_isAdmitted) _permits.Release(_caller);
        _isAdmitted = false;
    }

    /// <summary>Waits for a permit and for the budget.</summary>
    /// <exception cref="RetryLaterException">THROTTLED.</exception>
    internal async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        await PayAsync(0, cancellationToken);
        // Devices that are refused together do not come back together.
        if (!await _permits.TryEnterAsync(_caller, SendingGate.Patience, cancellationToken))
            throw Later(SendingGate.Patience * (0.5 + Random.Shared.NextDouble()));
        (_isAdmitted, _since) = (true, _clock.GetTimestamp());
    }

    private async ValueTask PayAsync(long bytes, CancellationToken cancellationToken)
    {
        if (!_budgets.TrySpend(_caller, bytes, SendingGate.Patience, out var wait)) throw Later(wait);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, _clock, cancellationToken);
    }

    private static RetryLaterException Later(TimeSpan wait) => new(
        ErrorCodes.Throttled,
        $"the server sends too much at present: this transfer waits: ask again in {Math.Ceiling(wait.TotalSeconds)} s",
        wait);
}
