using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Admits transfers, as many at once as the server's memory allows, and keeps them within their
/// budgets.</summary>
/// <remarks>
/// An overloaded server is slow and never fails: a transfer that finds no permit, or whose budget is spent, waits, and
/// callers take turns. One that would wait for longer than its device does is refused with the time to come back, which
/// agents keep to. Update checks and reports need no permit.
/// </remarks>
public sealed class SendingGate
{
    /// <summary>The longest wait: half of the time after which a device gives up on a silent server.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly FairGate _permits;
    private readonly CallerBudgets _budgets;
    private readonly TimeProvider _clock;

    /// <param name="limits">The limits.</param>
    /// <param name="clock">Measures waits and rates.</param>
    public SendingGate(SendingLimits limits, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _clock = clock;
        _permits = new FairGate(limits.AtOnce, limits.AtOncePerCaller, clock);
        _budgets = new CallerBudgets(
            limits.BytesPerSecond, limits.CallerBytesPerSecond, limits.CallerBurstBytes, clock);
    }

    /// <summary>Begins a transfer. The caller disposes of it.</summary>
    /// <exception cref="RetryLaterException">THROTTLED: too many wait, or the budget is spent for longer.</exception>
    public async ValueTask<Transfer> EnterAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var transfer = new Transfer(caller.Id, _permits, _budgets, _clock);
        await transfer.BeginAsync(cancellationToken);
        return transfer;
    }
}
