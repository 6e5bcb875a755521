using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Pace;

public sealed class RateWindowTests
{
    private static readonly MinimumRate Minimum = new(1000, TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(0, 30)]
    [InlineData(16, 30)]
    [InlineData(999, 30)]
    [InlineData(1000, null)]
    [InlineData(4000, null)]
    public void A_steady_rate_is_judged_after_one_window(int bytesPerSecond, int? tooSlowAfter)
    {
        var window = new RateWindow(Minimum);
        int? first = null;

        for (var second = 1; second <= 600 && first is null; second++)
            first = window.IsTooSlow(TimeSpan.FromSeconds(second), (long)second * bytesPerSecond) ? second : null;

        Assert.Equal(tooSlowAfter, first);
    }

    [Fact]
    public void Speed_of_long_ago_does_not_excuse_silence()
    {
        var window = new RateWindow(Minimum);
        for (var second = 1; second <= 100; second++)
            Assert.False(window.IsTooSlow(TimeSpan.FromSeconds(second), second * 1_000_000L));

        var silent = Enumerable.Range(101, 60).First(
            second => window.IsTooSlow(TimeSpan.FromSeconds(second), 100_000_000));

        Assert.InRange(silent, 129, 131);
    }

    [Fact]
    public void A_burst_in_each_window_is_enough()
    {
        var window = new RateWindow(Minimum);

        for (var second = 1; second <= 300; second++)
            Assert.False(window.IsTooSlow(TimeSpan.FromSeconds(second), (second / 20 * 40_000) + 40_000));
    }
}
