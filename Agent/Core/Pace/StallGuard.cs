using ChunkOta.Client;
using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>Ends one call when it brings too little: for a peer that is connected and silent, or sends a trickle.
/// </summary>
/// <remarks>Bytes count as they come from the socket, so a slow link may take minutes for one message. Beyond what one
/// message may have, only the content of messages counts, and messages without content do not come for long. Only the
/// time that the agent waits counts: its own work is not the peer's delay.</remarks>
internal sealed class StallGuard : IDisposable
{
    private const int MaxEmptyMessages = 16;

    private readonly StallWatch _watch;
    private readonly MinimumRate _minimum;
    private readonly RateWindow _window;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _stop;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly long _receivedBefore;
    private long _contentBytes;
    private int _emptyMessages;
    private TimeSpan _waited;
    private long? _waitingSince;
    private bool _isTooSlow;

    /// <summary>Begins to watch.</summary>
    public StallGuard(StallWatch watch, CancellationToken cancellationToken)
    {
        _watch = watch;
        _minimum = watch.Minimum;
        _window = new RateWindow(_minimum);
        _outer = cancellationToken;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _receivedBefore = watch.ReceivedBytes;
        var pause = _minimum.Window / RateWindow.SamplesPerWindow;
        _timer = watch.Clock.CreateTimer(_ => Look(), null, pause, pause);
    }

    /// <summary>The token to make the call with.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Waits for the next message of a stream.</summary>
    /// <param name="stream">The stream; it was opened with <see cref="Token"/>.</param>
    /// <param name="contentBytes">Returns the bytes of content of a message.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_SLOW</c>.</exception>
    public async Task<bool> MoveNextAsync<T>(IAsyncStreamReader<T> stream, Func<T, int> contentBytes)
    {
        if (!await WaitAsync(stream.MoveNext(Token)).ConfigureAwait(false))
            return false;
        NoteContent(contentBytes(stream.Current));
        return true;
    }

    /// <summary>Waits for the answer of a call with one message each way.</summary>
    /// <param name="answer">The answer; it was asked for with <see cref="Token"/>.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_SLOW</c>.</exception>
    public async Task<T> WaitAsync<T>(Task<T> answer)
    {
        lock (_lock)
            _waitingSince = _watch.Clock.GetTimestamp();
        try
        {
            var result = await answer.ConfigureAwait(false);
            EndWait();
            return result;
        }
        // A call that is ended fails in many ways: what this guard knows comes first.
        catch (Exception) when (EndWait() && !_outer.IsCancellationRequested)
        {
            _watch.Alarm();
            throw TooSlow();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _stop.Dispose();
    }

    private void NoteContent(int bytes)
    {
        if (bytes > 0)
        {
            _watch.Calm();
            lock (_lock)
                _contentBytes += bytes;
            _emptyMessages = 0;
        }
        else if (++_emptyMessages > MaxEmptyMessages)
        {
            _watch.Alarm();
            throw new ChunkOtaException(ErrorCodes.TooSlow, "the server sends messages that hold nothing");
        }
    }

    /// <summary>Ends a wait.</summary>
    /// <returns>True when it was too slow.</returns>
    private bool EndWait()
    {
        lock (_lock)
        {
            if (_waitingSince is { } since)
                _waited += _watch.Clock.GetElapsedTime(since);
            _waitingSince = null;
            return _isTooSlow;
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_waitingSince is not { } since || _isTooSlow)
                return;
            var received = _watch.ReceivedBytes - _receivedBefore;
            var useful = Math.Min(received, _contentBytes + ServerConnection.MaxMessageBytes);
            _isTooSlow = _window.IsTooSlow(_waited + _watch.Clock.GetElapsedTime(since), useful);
            if (!_isTooSlow)
                return;
        }
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended.
            return;
        }
    }

    private ChunkOtaException TooSlow() => new(
        ErrorCodes.TooSlow,
        _window.BytesInWindow <= 0
            ? $"the server sent nothing for {_minimum.Window.TotalSeconds:0} seconds"
            : $"the server sent {_window.BytesInWindow} bytes in {_minimum.Window.TotalSeconds:0} seconds; the minimum "
                + $"is {_minimum.BytesPerSecond} bytes a second");
}
