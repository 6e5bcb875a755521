using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Disks that hold a release and what changes of it, but not the release twice.</summary>
public sealed class SharedFilesTests
{
    private const int LargeBytes = 24_000_000;

    [FactIfInstalled("mkfs.btrfs")]
    public async Task Files_that_do_not_change_take_no_room_where_the_file_system_can_share_them()
    {
        await using var rig = await Rig.StartAsync();
        await using var disk = await SmallDisk.MountBtrfsAsync(rig.PathOf("btrfs"), megabytes: 64);

        await UpgradeTwiceAsync(rig, disk);
    }

    [Fact]
    public async Task Files_that_do_not_change_take_no_room_when_they_are_linked()
    {
        await using var rig = await Rig.StartAsync();
        await using var disk = await SmallDisk.MountAsync(rig.PathOf("small"), megabytes: 40);

        (await UpgradeAsync(rig, disk, revision: 0)).Succeeded();
        (await UpgradeAsync(rig, disk, revision: 1)).Refused("DISK_FULL", 9);
        var linked = (await rig.AgentAsync("upgrade", "app", "--link", "hardlink", "--json")).Succeeded().Json;

        Assert.InRange(linked.GetProperty("peak_disk_bytes").GetInt64(), 1, LargeBytes / 4);
        SampleTree.AssertSame(rig.PathOf("tree"), rig.Current);
    }

    [Fact]
    public async Task What_an_update_needs_of_the_disk_is_said_before_it_begins()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");

        var lines = (await rig.InstallAsync()).Succeeded().Error.Split('\n');

        Assert.Matches("^needs [0-9.]+ MB of disk while it runs$", lines[0]);
    }

    private static async Task UpgradeTwiceAsync(Rig rig, SmallDisk disk)
    {
        for (var revision = 0; revision < 3; revision++)
        {
            (await UpgradeAsync(rig, disk, revision)).Succeeded();
            SampleTree.AssertSame(rig.PathOf("tree"), rig.Current);
        }
    }

    /// <summary>
    /// Publishes a tree with one large file that never changes and a small one that does, and takes it.
    /// </summary>
    private static async Task<ProgramRun> UpgradeAsync(Rig rig, SmallDisk disk, int revision)
    {
        var tree = rig.PathOf("tree");
        Directory.CreateDirectory(tree);
        if (revision == 0)
            File.WriteAllBytes(Path.Combine(tree, "large"), SampleTree.Noise(7, LargeBytes));
        File.WriteAllText(Path.Combine(tree, "small"), $"revision {revision}");
        (await rig.PublishAsync(tree, $"1.0.{revision}")).Succeeded();
        rig.Home = Path.Combine(disk.Path, "home");
        return revision == 0 ? await rig.InstallAsync() : await rig.AgentAsync("upgrade", "app");
    }
}
