using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Upgrades by deltas that the real server made.</summary>
public sealed class DeltaUpgradeTests
{
    private const string WithDeltas = "Deltas:Workers=1";

    [Fact]
    public async Task An_upgrade_takes_the_best_delta_that_was_made_after_the_publish()
    {
        await using var rig = await Rig.StartAsync(WithDeltas);
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var built = Assert.Single((await rig.AdminAsync("deltas", "app", "--wait", "--json")).Succeeded().Json
            .GetProperty("built").EnumerateArray());

        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(second, rig.Current);
        Assert.Equal(built.GetProperty("bytes").GetInt64(), upgrade.GetProperty("fetched_delta_bytes").GetInt64());
        Assert.Equal(0, upgrade.GetProperty("fetched_chunk_bytes").GetInt64());
        // The three changes of 3,000 bytes that do not compress, which are the same for each file; and what frames
        // them.
        Assert.InRange(upgrade.GetProperty("wire_bytes_down").GetInt64(), 3_000, 20_000);
    }

    [Fact]
    public async Task A_delta_that_is_damaged_on_the_server_costs_an_upgrade_nothing_but_bytes()
    {
        await using var rig = await Rig.StartAsync(WithDeltas);
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();
        foreach (var file in Directory.GetFiles(
            Path.Combine(rig.Server.Data, "objects", "deltas"), "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllBytes(file, bytes);
        }

        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        SampleTree.AssertSame(second, rig.Current);
    }
}
