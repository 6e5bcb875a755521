using System.Globalization;
using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Times;

public sealed class LocalWindowsTests
{
    [Theory]
    [InlineData("22:00-05:00", 0x7f, 1320, 1740)]
    [InlineData("Mon-Fri 01:00-03:30", 0x3e, 60, 210)]
    [InlineData("sat,sun 0:00-24:00", 0x41, 0, 1440)]
    [InlineData("Fri-Mon 12:00-12:01", 0x63, 720, 721)]
    public void Hours_are_read(string text, int days, int start, int end) =>
        Assert.Equal(new LocalWindow(days, start, end), LocalWindow.Find(text));

    [Theory]
    [InlineData("")]
    [InlineData("22:00")]
    [InlineData("22:00-22:00")]
    [InlineData("24:00-05:00")]
    [InlineData("22:60-05:00")]
    [InlineData("25:00-05:00")]
    [InlineData("-1:00-05:00")]
    [InlineData("Mo 22:00-05:00")]
    [InlineData("Mon-Tue-Wed 22:00-05:00")]
    [InlineData("Mon, Tue 22:00-05:00")]
    public void Other_text_is_not_hours(string text) => Assert.Null(LocalWindow.Find(text));

    [Theory]
    [InlineData("2026-11-23T21:59:00Z", false)]
    [InlineData("2026-11-23T22:00:00Z", true)]
    [InlineData("2026-11-24T04:59:59Z", true)]
    [InlineData("2026-11-24T05:00:00Z", false)]
    [InlineData("2026-11-28T23:00:00Z", false)]
    [InlineData("2026-11-28T04:00:00Z", true)]
    public void A_window_that_passes_midnight_belongs_to_the_day_on_which_it_begins(string now, bool isOpen) =>
        Assert.Equal(isOpen, Windows("UTC", "Mon-Fri 22:00-05:00").IsOpen(At(now)));

    [Fact]
    public void Without_hours_it_is_always_open_and_never_opens()
    {
        Assert.True(Windows("UTC").IsOpen(At("2026-11-23T21:59:00Z")));
        Assert.Null(Windows("UTC").FindNextOpening(At("2026-11-23T21:59:00Z")));
    }

    [Theory]
    [InlineData("2026-11-23T12:00:00Z", "2026-11-29T10:00:00Z")]
    [InlineData("2026-11-29T10:00:00Z", "2026-12-06T10:00:00Z")]
    public void The_next_opening_may_be_a_week_away(string now, string next) =>
        Assert.Equal(At(next), Windows("UTC", "Sun 10:00-11:00").FindNextOpening(At(now)));

    /// <summary>In Paris the clock went from 2:00 to 3:00 on 29 March 2026, and from 3:00 to 2:00 on 25 October.
    /// </summary>
    [Theory]
    [InlineData("02:15-02:45", "2026-03-29T00:59:00Z", false)]
    [InlineData("02:15-04:00", "2026-03-29T00:59:00Z", false)]
    [InlineData("02:15-04:00", "2026-03-29T01:00:00Z", true)]
    [InlineData("02:15-04:00", "2026-03-29T01:59:00Z", true)]
    [InlineData("02:15-04:00", "2026-03-29T02:00:00Z", false)]
    [InlineData("02:15-02:45", "2026-10-25T00:14:00Z", false)]
    [InlineData("02:15-02:45", "2026-10-25T00:15:00Z", true)]
    [InlineData("02:15-02:45", "2026-10-25T00:50:00Z", true)]
    [InlineData("02:15-02:45", "2026-10-25T01:44:00Z", true)]
    [InlineData("02:15-02:45", "2026-10-25T01:45:00Z", false)]
    public void Changes_of_the_clock_move_the_edges(string window, string now, bool isOpen) =>
        Assert.Equal(isOpen, Windows("Europe/Paris", window).IsOpen(At(now)));

    [Theory]
    [InlineData("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-03-29T12:00:00Z", "2026-03-30T00:15:00Z")]
    [InlineData("2026-10-24T12:00:00Z", "2026-10-25T00:15:00Z")]
    [InlineData("2026-10-25T00:50:00Z", "2026-10-26T01:15:00Z")]
    public void An_opening_is_found_across_changes_of_the_clock(string now, string next) =>
        Assert.Equal(At(next), Windows("Europe/Paris", "02:15-04:00").FindNextOpening(At(now)));

    [Fact]
    public void A_window_opens_once_a_day_in_any_zone_and_year()
    {
        foreach (var zone in new[] { "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "+05:30" })
        {
            var windows = Windows(zone, "02:15-03:45");
            var (now, openings) = (At("2027-01-01T12:00:00Z"), 0);
            for (; now < At("2028-01-01T12:00:00Z"); openings++)
            {
                now = windows.FindNextOpening(now)!.Value;
                Assert.True(windows.IsOpen(now), $"{zone} {now}");
            }

            Assert.InRange(openings, 365, 366);
        }
    }

    [Theory]
    [InlineData("Europe/Atlantis")]
    [InlineData("+25:00")]
    [InlineData("+2")]
    [InlineData("../../etc/passwd")]
    public void An_unknown_zone_is_a_fault(string zone) => Assert.NotNull(LocalZone.FindFault("Watch:TimeZone", zone));

    [Fact]
    public void The_systems_zone_is_the_one_without_a_name() =>
        Assert.Equal(TimeZoneInfo.Local.BaseUtcOffset, LocalZone.Find("")!.BaseUtcOffset);

    private static LocalWindows Windows(string zone, params string[] windows) =>
        LocalWindows.Of(windows, LocalZone.Find(zone)!);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
