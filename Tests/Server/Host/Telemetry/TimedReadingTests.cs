using ChunkOta.Server;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Telemetry;

public sealed class TimedReadingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ManualTime _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_reading_that_hangs_counts_as_failed_and_is_not_begun_again_before_it_ends()
    {
        var reading = new TimedReading<int>(Limit, _clock);
        using var end = new ManualResetEventSlim();
        var begun = 0;

        Assert.Equal(-1, await ReadLateAsync());
        Assert.Equal(-1, await ReadLateAsync());
        Assert.Equal(1, begun);
        end.Set();
        Assert.NotEqual(-1, await reading.ReadAsync(Hang, -1, default));

        // As a call to a disk that is gone: it keeps its thread.
        Task<int> Hang(CancellationToken cancellationToken)
        {
            var number = Interlocked.Increment(ref begun);
            end.Wait(CancellationToken.None);
            return Task.FromResult(number);
        }

        async Task<int> ReadLateAsync()
        {
            var late = reading.ReadAsync(Hang, -1, default);
            await Eventually.Async(
                "the reading", () => Task.FromResult((Volatile.Read(ref begun), _clock.ArmedTimers)),
                state => state == (1, 1));
            _clock.Advance(Limit);
            return await late;
        }
    }

    [Fact]
    public async Task A_failure_of_any_kind_is_told_and_the_next_reading_is_a_new_one()
    {
        var reading = new TimedReading<int>(Limit, _clock);

        Assert.Equal(-1, await reading.ReadAsync(_ => throw new InvalidOperationException("broken"), -1, default));
        Assert.Equal(5, await reading.ReadAsync(_ => Task.FromResult(5), -1, default));
    }
}
