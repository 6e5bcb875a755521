using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class RetentionRulesTests
{
    private static readonly RetentionPolicy KeepTwo = new("app", "stable", 2);

    [Fact]
    public void Without_a_policy_every_release_of_a_channel_is_kept()
    {
        var judged = RetentionRules.Judge([Use(3), Use(2), Use(1)], []);

        Assert.All(judged, kept => Assert.Contains(KeepReason.Retention, kept.Reasons));
    }

    [Fact]
    public void A_policy_keeps_the_newest_releases_of_its_channel()
    {
        var judged = RetentionRules.Judge([Use(1), Use(3), Use(2), Use(4)], [KeepTwo]);

        Assert.Equal(["4.0.0", "3.0.0"], KeptOf(judged));
    }

    [Fact]
    public void Each_platform_has_its_own_newest_releases()
    {
        var judged = RetentionRules.Judge(
            [Use(4), Use(3), Use(2) with { Platform = "linux-x64" }, Use(1) with { Platform = "linux-x64" }],
            [KeepTwo]);

        Assert.Equal(4, KeptOf(judged).Count);
    }

    [Fact]
    public void A_release_stays_while_another_channel_keeps_it()
    {
        var judged = RetentionRules.Judge(
            [Use(3), Use(2), Use(1) with { History = ["beta", "stable"] }], [KeepTwo]);

        Assert.Equal([KeepReason.Retention], judged[^1].Reasons);
    }

    [Fact]
    public void Every_other_reason_keeps_a_release_beyond_its_policy()
    {
        var releases = new[]
        {
            Use(9) with { IsNewest = true }, Use(8), Use(7) with { Channels = ["stable"] },
            Use(6) with { IsAnchor = true }, Use(5) with { Devices = 1 }, Use(4) with { History = [] }, Use(3),
        };

        var judged = RetentionRules.Judge(releases, [KeepTwo]);

        Assert.Equal(
            ["Newest Retention", "Retention", "Channel", "Anchor", "Devices", "Held", ""],
            judged.Select(kept => string.Join(' ', kept.Reasons)));
    }

    [Fact]
    public void A_deleted_release_is_not_judged_and_does_not_count()
    {
        var judged = RetentionRules.Judge(
            [Use(3), Use(2) with { Deleted = DateTimeOffset.UnixEpoch }, Use(1)], [KeepTwo]);

        Assert.Equal(["3.0.0", "1.0.0"], KeptOf(judged));
    }

    [Theory]
    [InlineData("channel", true)]
    [InlineData("newest", true)]
    [InlineData("anchor", true)]
    [InlineData("devices", false)]
    [InlineData("held", false)]
    public void What_is_in_use_is_not_deleted_and_a_part_of_it_can_be_forced(string why, bool evenIfForced)
    {
        var release = why switch
        {
            "channel" => Use(1) with { Channels = ["stable"] },
            "newest" => Use(1) with { IsNewest = true },
            "anchor" => Use(1) with { IsAnchor = true },
            "devices" => Use(1) with { Devices = 2 },
            _ => Use(1) with { History = [] },
        };

        Assert.Equal("IN_USE", Refusal(release, isForced: false));
        Assert.Equal(evenIfForced ? "IN_USE" : null, Refusal(release, isForced: true));
        Assert.Null(Refusal(Use(1), isForced: false));
    }

    private static string? Refusal(ReleaseUse release, bool isForced)
    {
        try
        {
            RetentionRules.CheckDeletion(release, isForced);
            return null;
        }
        catch (ChunkOtaException refusal)
        {
            return refusal.Code;
        }
    }

    private static List<string> KeptOf(IReadOnlyList<RetainedRelease> judged) =>
        [.. judged.Where(kept => kept.Reasons.Count > 0).Select(kept => kept.Release.Version)];

    private static ReleaseUse Use(int counter) => new()
    {
        Product = "app",
        Platform = "any",
        Version = $"{counter}.0.0",
        Counter = (ulong)counter,
        Manifest = Digest.Of([(byte)counter]),
        History = ["stable"],
    };
}
