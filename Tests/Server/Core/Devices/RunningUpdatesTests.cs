using ChunkOta.Server.Core;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Reporting;

public sealed class RunningUpdatesTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly RunningUpdates _running;

    public RunningUpdatesTests() => _running = new RunningUpdates(_time);

    [Fact]
    public void Each_device_counts_once_until_its_update_ends_or_it_is_silent_for_a_minute()
    {
        _running.Note("one", new UpdateStep(4, 0, 1_000));
        _running.Note("two", new UpdateStep(4, 13, 500));
        Assert.Equal(new RunningFigures(2, 1, 1_500), _running.Read());

        _time.Advance(TimeSpan.FromSeconds(40));
        _running.Note("one", new UpdateStep(4, 0, 3_000));
        Assert.Equal(new RunningFigures(2, 1, 3_500), _running.Read());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new RunningFigures(1, 0, 3_000), _running.Read());
        _running.End("one");
        Assert.Equal(default, _running.Read());
    }

    [Fact]
    public void A_device_that_talks_all_the_time_is_heard_once_a_second()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _running.Note("one", new UpdateStep(4, 0, (ulong)i));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(0ul, _running.Read().BytesPerSecond);
    }

    [Fact]
    public void No_claim_overflows_the_sum()
    {
        for (var i = 0; i < 1_000; i++)
            _running.Note($"device {i}", new UpdateStep(4, 0, ulong.MaxValue));

        Assert.Equal(100_000_000_000_000ul, _running.Read().BytesPerSecond);
    }
}
