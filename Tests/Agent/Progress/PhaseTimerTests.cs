using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Progress;

public sealed class PhaseTimerTests
{
    private readonly ManualTime _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_moment_counts_for_the_innermost_phase_alone()
    {
        var timer = new PhaseTimer(_clock);
        Wait(1);
        using (timer.Measure(RunPhase.Fetch))
        {
            Wait(2);
            using (timer.Measure(RunPhase.Verify))
                Wait(4);
            Wait(8);
            using (timer.Measure(RunPhase.Activate))
                Wait(16);
        }
        using (timer.Measure(RunPhase.Activate))
            Wait(32);

        var seconds = timer.ToSeconds();

        Assert.Equal(
            new PhaseSeconds { Fetch = 10, Verify = 4, Activate = 48, Total = 63 }, seconds);
    }

    private void Wait(int seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));
}
