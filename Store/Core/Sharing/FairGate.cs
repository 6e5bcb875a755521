namespace ChunkOta.Storage;

/// <summary>Shares a fixed number of permits among callers, so that no caller keeps the others out.</summary>
/// <remarks>
/// A permit that becomes free goes to the waiting caller that holds the fewest; among equals, to the one that has
/// waited longest. No caller holds more than its limit. Any number of threads at once.
/// </remarks>
/// <param name="permits">The permits in all.</param>
/// <param name="perCaller">The most that one caller holds.</param>
/// <param name="clock">Ends waits.</param>
public sealed class FairGate(int permits, int perCaller, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _held = [];
    private readonly LinkedList<Waiter> _waiters = [];
    private int _free = permits;

    /// <summary>True while anybody waits for a permit.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_lock) return _waiters.Count != 0;
        }
    }

    /// <summary>Acquires a permit. The caller must release it.</summary>
    /// <param name="caller">The name of the caller that it counts for.</param>
    /// <param name="patience">The longest wait.</param>
    /// <returns>False when no permit became free in time: there is nothing to release.</returns>
    public async ValueTask<bool> TryEnterAsync(string caller, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (TryTake(caller) is not { } waiter) return true;
        try
        {
            await waiter.Served.Task.WaitAsync(patience, clock, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            // Served at the last moment, perhaps.
            return !TryLeave(waiter);
        }
        catch (OperationCanceledException)
        {
            if (!TryLeave(waiter)) Release(caller);
            throw;
        }
    }

    /// <summary>Releases a permit.</summary>
    /// <param name="caller">The caller that acquired it.</param>
    public void Release(string caller)
    {
        lock (_lock)
        {
            if (--_held[caller] == 0) _held.Remove(caller);
            _free++;
            while (_free > 0 && FindNext() is { } next)
            {
                _waiters.Remove(next);
                Take(next.Value.Caller);
                next.Value.Served.SetResult();
            }
        }
    }

    /// <returns>Null when a permit was free; else the waiter in the queue.</returns>
    private Waiter? TryTake(string caller)
    {
        lock (_lock)
        {
            // Whoever waits while a permit is free has reached its own limit.
            if (_free > 0 && HeldBy(caller) < perCaller)
            {
                Take(caller);
                return null;
            }

            return _waiters.AddLast(new Waiter(caller)).Value;
        }
    }

    private bool TryLeave(Waiter waiter)
    {
        lock (_lock) return _waiters.Remove(waiter);
    }

    private void Take(string caller)
    {
        _free--;
        _held[caller] = HeldBy(caller) + 1;
    }

    private LinkedListNode<Waiter>? FindNext()
    {
        LinkedListNode<Waiter>? best = null;
        var fewest = perCaller;
        for (var node = _waiters.First; node is not null && fewest > 0; node = node.Next)
        {
            if (HeldBy(node.Value.Caller) is var held && held < fewest) (best, fewest) = (node, held);
        }

        return best;
    }

    private int HeldBy(string caller) => _held.GetValueOrDefault(caller);

    private sealed class Waiter(string caller)
    {
        public string Caller => caller;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
