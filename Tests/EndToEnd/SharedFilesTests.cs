using ChunkOta.Tests.Support;
using ChunkOta.Tests.Watching;

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
    public async Task A_resident_agent_links_files_and_keeps_releases_as_it_is_set()
    {
        await using var rig = await Rig.StartAsync();
        await using var disk = await SmallDisk.MountAsync(rig.PathOf("small"), megabytes: 40);
        (await UpgradeAsync(rig, disk, revision: 0)).Succeeded();
        using var agent = RunningWatch.Start(
            rig, "Watch:PollSeconds=1", "Products:app:Link=hardlink", "Products:app:Keep=3");

        foreach (var revision in new[] { 1, 2 })
        {
            await PublishAsync(rig, revision);
            await agent.SaysAsync($"app: installed 1.0.{revision}");
        }

        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
        var releases = Directory.GetDirectories(Path.Combine(rig.Home, "app/releases")).Select(Path.GetFileName);
        Assert.Equal(["1.0.0", "1.0.1", "1.0.2"], releases.Order(StringComparer.Ordinal));
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

    /// <summary>Publishes a tree, and takes it.</summary>
    private static async Task<ProgramRun> UpgradeAsync(Rig rig, SmallDisk disk, int revision)
    {
        await PublishAsync(rig, revision);
        rig.Home = Path.Combine(disk.Path, "home");
        return revision == 0 ? await rig.InstallAsync() : await rig.AgentAsync("upgrade", "app");
    }

    /// <summary>Publishes a tree with one large file that never changes and a small one that does.</summary>
    private static async Task PublishAsync(Rig rig, int revision)
    {
        var tree = rig.PathOf("tree");
        Directory.CreateDirectory(tree);
        if (revision == 0)
            File.WriteAllBytes(Path.Combine(tree, "large"), SampleTree.Noise(7, LargeBytes));
        File.WriteAllText(Path.Combine(tree, "small"), $"revision {revision}");
        (await rig.PublishAsync(tree, $"1.0.{revision}")).Succeeded();
    }
}
