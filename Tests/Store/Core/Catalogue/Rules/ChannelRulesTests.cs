using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class ChannelRulesTests : RulesFixture
{
    public ChannelRulesTests() => Publish(Release("1.0.0", 1), seq: 5);

    [Fact]
    public void A_channel_that_nobody_follows_is_deleted_and_its_pointer_stays()
    {
        var deleted = ChannelRules.Delete(State, "app", "stable", null, evenIfFollowed: false);

        Assert.Equal(["any"], deleted.Platforms);
        Assert.Equal(0, deleted.Devices);
        Assert.Empty(State.ListLiveChannels("app"));
        Assert.Equal(5ul, State.FindPointer("app", "any", "stable")!.Seq);
    }

    [Fact]
    public void A_channel_that_devices_follow_is_deleted_by_force_alone()
    {
        State.AddDevice(new DeviceRecord
        {
            Id = "d",
            Product = "app",
            Channel = "stable",
            Platform = "any",
            PublicKey = new byte[32],
            TokenId = "t",
            Enrolled = Now,
        });

        Assert.Equal("IN_USE", CodeOf(() => ChannelRules.Delete(State, "app", "stable", "any", false)));
        Assert.Single(State.ListLiveChannels("app"));
        Assert.Equal(1, ChannelRules.Delete(State, "app", "stable", "any", true).Devices);
        Assert.Empty(State.ListLiveChannels("app"));
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        Assert.Equal("PRODUCT_UNKNOWN", CodeOf(() => ChannelRules.Delete(State, "none", "stable", null, false)));
        Assert.Equal("CHANNEL_UNKNOWN", CodeOf(() => ChannelRules.Delete(State, "app", "beta", null, false)));
        Assert.Equal("CHANNEL_UNKNOWN", CodeOf(() => ChannelRules.Delete(State, "app", "stable", "linux-x64", false)));
        _ = ChannelRules.Delete(State, "app", "stable", null, false);
        Assert.Equal("CHANNEL_UNKNOWN", CodeOf(() => ChannelRules.Delete(State, "app", "stable", null, false)));
    }
}
