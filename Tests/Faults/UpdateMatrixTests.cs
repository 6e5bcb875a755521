using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults;

/// <summary>From every version to the newest and back: bit for bit what a fresh install is.</summary>
[Trait("Category", "Random")]
public sealed class UpdateMatrixTests(FastDisk disk)
{
    private const int Versions = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_earlier_version_becomes_what_a_fresh_install_of_the_newest_is(bool hasDeltas)
    {
        using var world = new FaultWorld(disk.NewFolder(), Rounds.Random(36).Next(), Versions);
        foreach (var version in world.Releases.Select(release => release.Manifest.Version).SkipLast(1))
        {
            var device = world.NewDevice();
            device.Make();
            world.Offer(version);
            await device.UpdateAsync();
            world.Offer(world.Newest, hasDeltas);

            await device.UpdateAsync();

            Assert.Equal(hasDeltas ? 1 : 0, world.DeltaCalls);
            await AssertFreshAsync(world, device, world.Newest);
            device.Installed.Revert("editor");
            await AssertFreshAsync(world, device, version);
            FaultBench.Delete(device);
        }
    }

    [Fact]
    public async Task A_device_that_takes_every_release_becomes_what_a_fresh_install_is()
    {
        using var world = new FaultWorld(disk.NewFolder(), Rounds.Random(37).Next(), Versions);
        var device = world.NewDevice();
        device.Make();
        foreach (var (index, release) in world.Releases.Index())
        {
            world.Offer(release.Manifest.Version, hasDeltas: index % 2 == 1);
            await device.UpdateAsync();
            device.Installed.Prune("editor", 2, isDryRun: false);
            await AssertFreshAsync(world, device, release.Manifest.Version);
        }
    }

    private static async Task AssertFreshAsync(FaultWorld world, Agent.Support.AgentRig device, string version)
    {
        Assert.Null(InstallOracle.FindDamage(world, device, version));
        Assert.Equal(await world.FreshTreeAsync(version), FaultWorld.TreeOf(device));
    }
}
