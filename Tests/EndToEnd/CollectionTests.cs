using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A collection under the feet of devices and publishers, through real processes.</summary>
public sealed class CollectionTests
{
    [Fact]
    public async Task Devices_install_and_upgrade_to_what_is_kept_while_the_rest_is_freed()
    {
        await using var rig = await Rig.StartAsync("Collection:GraceHours=0", "Collection:OrphanHours=0");
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        for (var i = 1; i <= 3; i++) await rig.PublishSampleAsync(i, $"{i + 1}.0.0");
        var newest = await rig.PublishSampleAsync(4, "5.0.0");
        var before = DiskBytes(rig);

        Assert.Equal("IN_USE", (await rig.AdminAsync("releases", "delete", "app", "1.0.0", "--json")).Code);
        (await rig.AdminAsync("releases", "delete", "app", "1.0.0", "--force")).Succeeded();
        (await rig.AdminAsync("releases", "delete", "app", "2.0.0")).Succeeded();
        (await rig.AdminAsync("releases", "delete", "app", "3.0.0")).Succeeded();
        (await rig.AdminAsync("gc")).Succeeded();

        Assert.True(DiskBytes(rig) < before, "nothing was freed");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(newest, rig.Current);
        rig.Home = rig.PathOf("other");
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(newest, rig.Current);

        // What was collected comes back, while collections run.
        var publishing = rig.PublishSampleAsync(0, "6.0.0");
        do
            (await rig.AdminAsync("gc")).Succeeded();
        while (!publishing.IsCompleted);
        Assert.Equal(first, await publishing);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
    }

    private static long DiskBytes(Rig rig) =>
        new DirectoryInfo(Path.Combine(rig.Server.Data, "objects"))
            .EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
