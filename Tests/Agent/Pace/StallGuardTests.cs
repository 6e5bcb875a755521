using ChunkOta.Agent;
using ChunkOta.Client;
using ChunkOta.Tests.Support;
using Grpc.Core;

namespace ChunkOta.Tests.Agent.Pace;

/// <summary>A stream by a scripted clock: what counts is bytes, and the time that the agent waits for them.</summary>
public sealed class StallGuardTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly WireMeter _meter = new();
    private readonly StallWatch _watch;
    private int _closed;

    public StallGuardTests() => _watch = new StallWatch(_meter, MinimumRate.Default, _time, () => _closed++);

    [Fact]
    public async Task A_server_that_sends_nothing_is_too_slow_after_thirty_seconds()
    {
        using var guard = _watch.Begin(default);
        var next = guard.MoveNextAsync(new ScriptedStream(guard.Token), Length);

        Pass(29, bytesPerSecond: 0);
        Assert.False(next.IsCompleted);
        Pass(2, bytesPerSecond: 0);

        await AssertTooSlowAsync(next, "the server sent nothing for 30 seconds");
        Assert.Equal(1, _closed);
    }

    [Fact]
    public async Task A_trickle_is_too_slow_although_bytes_come()
    {
        using var guard = _watch.Begin(default);
        var next = guard.MoveNextAsync(new ScriptedStream(guard.Token), Length);

        Pass(31, bytesPerSecond: 50);

        await AssertTooSlowAsync(next, "the server sent 1500 bytes in 30 seconds; the minimum is 1000 bytes a second");
    }

    [Fact]
    public async Task A_slow_link_may_take_minutes_for_one_message()
    {
        using var guard = _watch.Begin(default);
        var stream = new ScriptedStream(guard.Token);
        var next = guard.MoveNextAsync(stream, Length);

        Pass(200, bytesPerSecond: 4000);
        stream.Send(new byte[500_000]);

        Assert.True(await next);
    }

    [Fact]
    public async Task Bytes_that_never_become_a_message_do_not_count_for_ever()
    {
        using var guard = _watch.Begin(default);
        var next = guard.MoveNextAsync(new ScriptedStream(guard.Token), Length);

        Pass(200, bytesPerSecond: 1_000_000);

        await AssertTooSlowAsync(next, "the server sent nothing for 30 seconds");
    }

    [Fact]
    public async Task Messages_that_hold_nothing_end_the_call_however_fast_they_come()
    {
        using var guard = _watch.Begin(default);
        var stream = new ScriptedStream(guard.Token);
        for (var i = 0; i < 100; i++)
            stream.Send([]);

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(async () =>
        {
            while (await guard.MoveNextAsync(stream, Length))
                Assert.InRange(stream.Read, 0, 20);
        });

        Assert.Equal(ErrorCodes.TooSlow, failure.Code);
    }

    [Fact]
    public async Task The_agents_own_work_is_not_the_servers_delay()
    {
        using var guard = _watch.Begin(default);
        var stream = new ScriptedStream(guard.Token);
        stream.Send(new byte[10]);
        Assert.True(await guard.MoveNextAsync(stream, Length));

        Pass(300, bytesPerSecond: 0);
        var next = guard.MoveNextAsync(stream, Length);
        Pass(20, bytesPerSecond: 0);
        stream.Send(new byte[10]);

        Assert.True(await next);
    }

    [Fact]
    public async Task However_a_stalled_call_ends_it_is_too_slow()
    {
        using var guard = _watch.Begin(default);
        var stream = new ScriptedStream(CancellationToken.None);
        var next = guard.MoveNextAsync(stream, Length);

        Pass(31, bytesPerSecond: 0);
        stream.Fail(new ChunkOtaException(ErrorCodes.ServerUnavailable, "missing frame"));

        await AssertTooSlowAsync(next, "the server sent nothing for 30 seconds");
    }

    [Fact]
    public async Task A_failure_before_the_limit_stays_what_it_is()
    {
        using var guard = _watch.Begin(default);
        var stream = new ScriptedStream(guard.Token);
        var next = guard.MoveNextAsync(stream, Length);

        Pass(10, bytesPerSecond: 0);
        stream.Fail(new ChunkOtaException(ErrorCodes.ServerUnavailable, "lost"));

        Assert.Equal(
            ErrorCodes.ServerUnavailable, (await Assert.ThrowsAsync<ChunkOtaException>(() => next)).Code);
        Assert.Equal(0, _closed);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_not_slow()
    {
        using var stop = new CancellationTokenSource();
        using var guard = _watch.Begin(stop.Token);
        var next = guard.MoveNextAsync(new ScriptedStream(guard.Token), Length);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task After_a_slow_call_the_next_gets_less_time_until_something_comes()
    {
        Assert.Equal(30, await SecondsUntilTooSlowAsync());
        Assert.InRange(await SecondsUntilTooSlowAsync(), 10, 11);
        using (var guard = _watch.Begin(default))
        {
            var stream = new ScriptedStream(guard.Token);
            stream.Send(new byte[1]);
            Assert.True(await guard.MoveNextAsync(stream, Length));
        }
        Assert.Equal(30, await SecondsUntilTooSlowAsync());
    }

    [Fact]
    public async Task A_call_with_one_answer_is_watched_as_well()
    {
        using var guard = _watch.Begin(default);
        var never = new TaskCompletionSource<int>();
        await using var cancel = guard.Token.Register(() => never.TrySetCanceled());

        var answer = guard.WaitAsync(never.Task);
        Pass(31, bytesPerSecond: 0);

        Assert.Equal(ErrorCodes.TooSlow, (await Assert.ThrowsAsync<ChunkOtaException>(() => answer)).Code);
    }

    private static int Length(byte[] message) => message.Length;

    private static async Task AssertTooSlowAsync(Task next, string message)
    {
        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => next);
        Assert.Equal((ErrorCodes.TooSlow, message), (failure.Code, failure.Message));
    }

    private async Task<int> SecondsUntilTooSlowAsync()
    {
        using var guard = _watch.Begin(default);
        var stream = new ScriptedStream(guard.Token);
        var next = guard.MoveNextAsync(stream, Length);
        var seconds = 0;
        for (; !stream.IsEnded && seconds < 100; seconds++)
            _time.Advance(Second);
        await Assert.ThrowsAsync<ChunkOtaException>(() => next);
        return seconds;
    }

    private void Pass(int seconds, int bytesPerSecond)
    {
        for (var i = 0; i < seconds; i++)
        {
            _meter.AddDown(bytesPerSecond);
            _time.Advance(Second);
        }
    }

    /// <summary>A stream whose messages a test sends.</summary>
    private sealed class ScriptedStream : IAsyncStreamReader<byte[]>
    {
        private readonly Queue<byte[]> _messages = [];
        private readonly CancellationTokenRegistration _cancelled;
        private TaskCompletionSource<bool>? _waiting;

        public ScriptedStream(CancellationToken cancellationToken) =>
            _cancelled = cancellationToken.Register(() =>
            {
                IsEnded = true;
                _waiting?.TrySetException(new OperationCanceledException(cancellationToken));
            });

        public bool IsEnded { get; private set; }

        public int Read { get; private set; }

        public byte[] Current { get; private set; } = [];

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (_messages.Count == 0)
            {
                _waiting = new TaskCompletionSource<bool>();
                return _waiting.Task;
            }
            Take();
            return Task.FromResult(true);
        }

        public void Send(byte[] message)
        {
            _messages.Enqueue(message);
            if (_waiting is not { } waiting)
                return;
            _waiting = null;
            Take();
            waiting.SetResult(true);
        }

        public void Fail(Exception failure)
        {
            _cancelled.Unregister();
            _waiting!.SetException(failure);
        }

        private void Take()
        {
            Current = _messages.Dequeue();
            Read++;
        }
    }
}
