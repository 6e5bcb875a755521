using System.Runtime.CompilerServices;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>One upload of a publisher: it ends when nothing comes for too long. One reader at a time.</summary>
public sealed class Upload : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string _caller;
    private readonly UploadPace _pace;
    private readonly CallerBudgets _budgets;
    private readonly TimeProvider _clock;
    private readonly Action<string> _ended;
    private TimeSpan _waited;
    private long _bytes;

    /// <param name="caller">The caller's name.</param>
    /// <param name="pace">The slowest upload that is waited for.</param>
    /// <param name="budgets">Bound the caller's rate.</param>
    /// <param name="clock">Measures the time spent waiting for the caller.</param>
    /// <param name="ended">Called once, with the caller's name.</param>
    internal Upload(
        string caller, UploadPace pace, CallerBudgets budgets, TimeProvider clock, Action<string> ended) =>
        (_caller, _pace, _budgets, _clock, _ended) = (caller, pace, budgets, clock, ended);

    /// <summary>The messages of the upload, as they come.</summary>
    /// <param name="messages">The stream.</param>
    /// <param name="bytesOf">The length of a message.</param>
    /// <param name="whileIdle">Called about once a second while no message comes; null for nothing.</param>
    /// <exception cref="ChunkOtaException">TIMED_OUT: nothing came for too long, or too little; and what
    /// <paramref name="whileIdle"/> throws.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        IAsyncEnumerable<T> messages, Func<T, int> bytesOf, Func<Task>? whileIdle,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(bytesOf);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var source = messages.GetAsyncEnumerator(stop.Token);
        while (await NextAsync(source.MoveNextAsync().AsTask(), whileIdle, stop))
        {
            var bytes = bytesOf(source.Current);
            _bytes += bytes;
            yield return source.Current;
            // No caller waits for longer than its own last message takes.
            _ = _budgets.TrySpend(_caller, bytes, TimeSpan.MaxValue, out var wait);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _clock, cancellationToken);
        }
    }

    /// <summary>Ends the upload; another one of the caller can begin.</summary>
    public void Dispose() => _ended(_caller);

    private async Task<bool> NextAsync(Task<bool> next, Func<Task>? whileIdle, CancellationTokenSource stop)
    {
        var began = _clock.GetTimestamp();
        try
        {
            while (await IsLateAsync(next))
            {
                if (whileIdle is not null) await whileIdle();
                if (_pace.IsTooSlow(_clock.GetElapsedTime(began), _waited, _bytes)) throw TooSlow();
            }

            _waited += _clock.GetElapsedTime(began);
            return await next;
        }
        catch
        {
            // A stream cannot be disposed of while it is read.
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<bool> IsLateAsync(Task next)
    {
        try
        {
            await next.WaitAsync(LookEvery, _clock);
            return false;
        }
        catch (TimeoutException)
        {
            return !next.IsCompleted;
        }
    }

    private ChunkOtaException TooSlow() => new(
        ErrorCodes.TimedOut,
        $"the upload stands still: {_bytes} bytes came, and nothing or too little for {_pace.Idle.TotalSeconds:0} s: "
            + "publish again, what came is kept");
}
