using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Scrubbing;

public sealed class ScrubPassTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void A_pass_is_due_when_the_last_one_is_old_enough(int days, bool isDue) => Assert.Equal(
        isDue, Pass(finished: Now - TimeSpan.FromDays(days)).IsDue(Month, Now, Now));

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void The_first_pass_begins_an_hour_after_the_start_however_often_the_server_is_restarted(
        int minutes, bool isDue) => Assert.Equal(
            isDue, Pass().IsDue(Month, Now - TimeSpan.FromMinutes(minutes), Now));

    [Fact]
    public void Without_an_interval_a_pass_begins_only_by_request_and_an_interrupted_one_goes_on()
    {
        Assert.False(Pass().IsDue(TimeSpan.Zero, Now - Month, Now));
        Assert.True((Pass() with { Requested = Now }).IsDue(TimeSpan.Zero, Now, Now));
        Assert.True((Pass() with { Started = Now }).IsDue(TimeSpan.Zero, Now, Now));
    }

    private static ScrubPass Pass(DateTimeOffset? finished = null) => new()
    {
        Depth = ScrubDepth.Full,
        Finished = finished is { } at ? new FinishedPass(at, 0, 0, 0, "") : null,
    };
}
