using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class UpgradeImpactsTests
{
    private static readonly Digest Old = Digest.Of("old"u8);
    private static readonly Digest Current = Digest.Of("current"u8);
    private static readonly HashSet<Digest> Going = [Old];

    [Fact]
    public void Devices_whose_release_stays_are_unaffected() =>
        Assert.Equal(UpgradeImpact.Unaffected, Judge(Group(Current), "any"));

    [Fact]
    public void Devices_without_a_release_are_unaffected() =>
        Assert.Equal(UpgradeImpact.Unaffected, Judge(Group(null), "any"));

    [Fact]
    public void Devices_of_a_release_that_goes_need_a_delta_from_it_or_fall_back_to_chunks()
    {
        Assert.Equal(UpgradeImpact.Chunks, Judge(Group(Old), "linux-x64"));
        Assert.Equal(UpgradeImpact.Chunks, Judge(Group(Old), "any"));
        Assert.Equal(UpgradeImpact.Unaffected, Judge(Group(Old), "linux-x64", new DeltaPair(Old, Current)));
        Assert.Equal(UpgradeImpact.Chunks, Judge(Group(Old), "linux-x64", new DeltaPair(Current, Old)));
    }

    [Fact]
    public void Devices_whose_channel_has_no_release_for_them_are_stranded() =>
        Assert.Equal(UpgradeImpact.Stranded, Judge(Group(Old), "linux-arm64"));

    private static UpgradeImpact Judge(DeviceGroup group, string platform, params DeltaPair[] deltas) =>
        UpgradeImpacts.Judge(
            [group], Going,
            [
                new ChannelRecord
                {
                    Product = "app",
                    Platform = platform,
                    Name = "stable",
                    Seq = 1,
                    Current = Current,
                    Expires = DateTimeOffset.UnixEpoch,
                    Envelope = new byte[1],
                },
            ],
            deltas.ToHashSet())[0].Impact;

    private static DeviceGroup Group(Digest? running) => new("linux-x64", "stable", running, "1.0.0", 3);
}
