using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A person's wish for a product's lock: a run that checks or downloads gives the lock up, as what it fetched
/// serves the next run; a switch is short and is waited for.</summary>
/// <remarks>The wish is a lock of its own, which whoever wants the product's lock holds: it ends with its process.
/// </remarks>
internal static class LockWish
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes the product's lock, from a run that can wait if need be.</summary>
    /// <param name="home">The product's folder.</param>
    /// <param name="clock">Paces the tries.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: nobody gave it up within ten seconds.</exception>
    public static FileLock Acquire(ProductHome home, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (TryAcquire(home.Lock) is { } free)
            return free;
        var started = clock.GetTimestamp();
        FileLock? wish = null;
        try
        {
            while (clock.GetElapsedTime(started) < Patience)
            {
                wish ??= TryAcquire(() => FileLock.Acquire(home.WishPath));
                if (TryAcquire(home.Lock) is { } held)
                    return held;
                using var passed = new ManualResetEventSlim();
                using var timer = clock.CreateTimer(_ => passed.Set(), null, Pause, Timeout.InfiniteTimeSpan);
                passed.Wait(cancellationToken);
            }
            return home.Lock();
        }
        finally
        {
            wish?.Dispose();
        }
    }

    private static FileLock? TryAcquire(Func<FileLock> acquire)
    {
        try
        {
            return acquire();
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.Busy)
        {
            return null;
        }
    }
}

/// <summary>Cancels a run when a person wants the product's lock.</summary>
internal sealed class LockYield : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ProductHome _home;
    private readonly CancellationTokenSource _stop;
    private readonly ITimer _timer;

    /// <summary>Begins to look.</summary>
    /// <param name="home">The product's folder; its lock is held by the run.</param>
    /// <param name="clock">Paces the looks.</param>
    public LockYield(ProductHome home, TimeProvider clock, CancellationToken cancellationToken)
    {
        _home = home;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = clock.CreateTimer(_ => Look(), null, Pause, Pause);
    }

    /// <summary>The token to make the run with.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>True once the lock was wanted.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>The failure of a run that gave the lock up.</summary>
    public ChunkOtaException Failure => new(
        ErrorCodes.Busy,
        $"another command needed {_home.Root}: the run stopped, and the next one goes on from there");

    /// <summary>Runs something that can be stopped under a product's lock, until a person wants the lock.</summary>
    /// <param name="home">The product's folder; its lock is held by the run.</param>
    /// <param name="clock">Paces the looks.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: the run was stopped for another command.</exception>
    public static async Task<T> RunAsync<T>(
        ProductHome home, TimeProvider clock, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        using var yield = new LockYield(home, clock, cancellationToken);
        try
        {
            return await run(yield.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (yield.IsWanted && !cancellationToken.IsCancellationRequested)
        {
            throw yield.Failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _stop.Dispose();
    }

    private void Look()
    {
        try
        {
            if (IsWanted || !FileLock.IsHeld(_home.WishPath))
                return;
            IsWanted = true;
            _stop.Cancel();
        }
        catch (Exception e) when (e is FileSystemException or ObjectDisposedException)
        {
            // A wish that cannot be seen is not granted, and the run may have ended meanwhile.
            return;
        }
    }
}
