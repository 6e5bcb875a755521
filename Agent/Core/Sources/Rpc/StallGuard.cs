using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>A time limit for a stream that brings nothing: for a peer that is connected and silent.</summary>
internal sealed class StallGuard : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    /// <summary>Begins to watch; the first limit runs from now.</summary>
    public StallGuard(TimeProvider clock, CancellationToken cancellationToken)
    {
        _outer = cancellationToken;
        _timer = new CancellationTokenSource(Limit, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>The token to make the call with.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="ChunkOtaException"><c>TOO_SLOW</c>: nothing came within the limit.</exception>
    public async Task<bool> MoveNextAsync<T>(IAsyncStreamReader<T> stream)
    {
        _timer.CancelAfter(Limit);
        try
        {
            var hasMore = await stream.MoveNext(Token).ConfigureAwait(false);
            // The caller's work on the message is not the peer's delay.
            _timer.CancelAfter(Timeout.InfiniteTimeSpan);
            return hasMore;
        }
        catch (OperationCanceledException) when (_timer.IsCancellationRequested && !_outer.IsCancellationRequested)
        {
            throw new ChunkOtaException(
                ErrorCodes.TooSlow, $"the server sent nothing for {Limit.TotalSeconds:0} seconds");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
