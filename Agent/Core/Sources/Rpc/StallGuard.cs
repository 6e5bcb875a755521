using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>Gives a stream up when it brings nothing for too long: a peer that only seems to be there.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    /// <summary>Begins to watch; the first limit runs from now.</summary>
    /// <param name="limit">How long nothing may come.</param>
    /// <param name="clock">The clock.</param>
    public StallGuard(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        _limit = limit;
        _outer = cancellationToken;
        _timer = new CancellationTokenSource(limit, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>What the call is made with.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Waits for the next message.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_SLOW</c>: nothing came within the limit.</exception>
    public async Task<bool> MoveNextAsync<T>(IAsyncStreamReader<T> stream)
    {
        _timer.CancelAfter(_limit);
        try
        {
            var hasMore = await stream.MoveNext(Token).ConfigureAwait(false);
            // What the caller does with the message takes as long as it takes.
            _timer.CancelAfter(Timeout.InfiniteTimeSpan);
            return hasMore;
        }
        catch (OperationCanceledException) when (_timer.IsCancellationRequested && !_outer.IsCancellationRequested)
        {
            throw new ChunkOtaException(
                ErrorCodes.TooSlow, $"the server sent nothing for {_limit.TotalSeconds:0} seconds");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
