using ChunkOta.Agent;
using ChunkOta.Chunking;

namespace ChunkOta.Tests.Agent.Watch;

public sealed class SwitchRulesTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(48);

    /// <summary>A Monday, at noon.</summary>
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Night = Noon.AddHours(11);

    [Theory]
    [InlineData(UpdateMode.Forced, false, true)]
    [InlineData(UpdateMode.Forced, true, false)]
    [InlineData(UpdateMode.Soft, true, true)]
    [InlineData(UpdateMode.DownloadOnly, true, true)]
    public void A_mode_and_the_windows_decide_whether_a_run_stops(UpdateMode mode, bool isNight, bool stops)
    {
        var stop = RulesOf(mode).StopAt(isNight ? Night : Noon);

        Assert.Equal(stops, stop is not null);
        Assert.Null(stop?.Deadline);
    }

    [Fact]
    public void A_deadline_counts_within_the_windows_alone()
    {
        Assert.Equal(Deadline, RulesOf(UpdateMode.Deadline).StopAt(Night)!.Deadline);
        Assert.Null(RulesOf(UpdateMode.Deadline).StopAt(Noon)!.Deadline);
    }

    [Fact]
    public void A_staged_release_is_looked_at_again_when_it_may_become_current()
    {
        var staged = StagedAt(Noon);

        Assert.Equal(Noon.AddHours(10), RulesOf(UpdateMode.Forced).FindSwitch(staged, Noon));
        Assert.Equal(Night, RulesOf(UpdateMode.Forced).FindSwitch(staged, Night));
        Assert.Null(RulesOf(UpdateMode.Soft).FindSwitch(staged, Noon));
        Assert.Null(RulesOf(UpdateMode.DownloadOnly).FindSwitch(staged, Noon));
        // 48 hours after noon it is noon: the window after that.
        Assert.Equal(Noon.AddHours(58), RulesOf(UpdateMode.Deadline).FindSwitch(staged, Noon));
        Assert.Equal(Noon.AddHours(72 + 10), RulesOf(UpdateMode.Deadline).FindSwitch(staged, Noon.AddHours(72)));
    }

    [Fact]
    public void Consent_ends_a_stop_and_so_does_its_deadline()
    {
        var staged = StagedAt(Noon);

        Assert.True(staged.IsStopped(null, Noon.AddDays(1000)));
        Assert.True(staged.IsStopped(Deadline, Noon.AddHours(47)));
        Assert.False(staged.IsStopped(Deadline, Noon.AddHours(48)));
        Assert.False((staged with { IsConsented = true }).IsStopped(null, Noon));
        Assert.True((staged with { IsConsented = false }).IsStopped(null, Noon));
        Assert.False((staged with { IsConsented = false }).IsStopped(Deadline, Noon.AddHours(48)));
    }

    private static SwitchRules RulesOf(UpdateMode mode) =>
        new(mode, Deadline, LocalWindows.Of(["22:00-04:00"], TimeZoneInfo.Utc));

    private static StagedRelease StagedAt(DateTimeOffset time) =>
        new("1.1.0", Digest.Of("x"u8), time.ToUnixTimeSeconds());
}
