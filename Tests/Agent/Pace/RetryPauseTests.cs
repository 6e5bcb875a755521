using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Pace;

public sealed class RetryPauseTests
{
    [Fact]
    public void Pauses_double_and_are_capped()
    {
        Assert.Equal(
            [1, 2, 4, 8, 16, 32, 60, 60],
            new[] { 1, 2, 3, 4, 5, 6, 7, 1000 }.Select(failures => RetryPause.After(failures, 0).TotalSeconds));
    }

    [Fact]
    public void Chance_takes_off_up_to_a_half()
    {
        Assert.Equal(TimeSpan.FromSeconds(4), RetryPause.After(4, 1));
        Assert.Equal(TimeSpan.FromSeconds(6), RetryPause.After(4, 0.5));
    }
}
