using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>What pinning a release does for a device that still runs it, long after.</summary>
public sealed class AnchorTests
{
    [Fact]
    public async Task A_device_on_an_anchor_beyond_the_previous_releases_upgrades_by_the_best_delta()
    {
        await using var rig = await Rig.StartAsync("Deltas:Workers=1", "Deltas:Previous=1");
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        // The server must not make the delta because of this device: as far as it knows, the device runs 1.1.0.
        await CopyAsync(rig.Home, rig.PathOf("home of 1.0.0"));
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        (await rig.AdminAsync("anchors", "add", "app", "1.0.0")).Succeeded();
        await rig.PublishSampleAsync(2, "1.2.0");
        var last = await rig.PublishSampleAsync(3, "1.3.0");

        var built = (await rig.AdminAsync("deltas", "app", "--wait", "--json")).Succeeded().Json.GetProperty("built");
        var delta = Assert.Single(built.EnumerateArray(), delta =>
            (delta.GetProperty("from").GetString(), delta.GetProperty("to").GetString()) == ("1.0.0", "1.3.0"));
        rig.Home = rig.PathOf("home of 1.0.0");
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        Assert.Equal("best", delta.GetProperty("quality").GetString());
        Assert.Equal(delta.GetProperty("bytes").GetInt64(), upgrade.GetProperty("fetched_delta_bytes").GetInt64());
        Assert.Equal(0, upgrade.GetProperty("fetched_chunk_bytes").GetInt64());
        SampleTree.AssertSame(last, rig.Current);
    }

    [Fact]
    public async Task Anchors_are_added_listed_and_removed_by_ota_admin()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.PublishSampleAsync(1, "1.1.0");

        Assert.Equal("app 1.0.0 linux-x64 is an anchor\n", (
            await rig.AdminAsync("anchors", "add", "app", "1.0.0")).Succeeded().Out);
        Assert.True((await rig.AdminAsync("anchors", "add", "app", "1.0.0",
            "--json")).Succeeded().Json.GetProperty("already_there").GetBoolean());
        var listed = (await rig.AdminAsync("anchors", "list", "app", "--json"))
            .Succeeded().Json.GetProperty("anchors");
        var anchor = Assert.Single(listed.EnumerateArray());
        Assert.Equal("1.0.0", anchor.GetProperty("version").GetString());
        Assert.NotEqual(0, anchor.GetProperty("anchored_unix_seconds").GetInt64());
        Assert.Contains(", anchor since ", (
            await rig.AdminAsync("show", "app", "1.0.0")).Succeeded().Out, StringComparison.Ordinal);
        Assert.True((await rig.AdminAsync("anchors", "remove", "app", "1.0.0", "--platform", "linux-x64",
            "--json")).Succeeded().Json
            .GetProperty("was_there").GetBoolean());
        Assert.Equal("app 1.0.0 linux-x64 was not an anchor\n", (
            await rig.AdminAsync("anchors", "remove", "app", "1.0.0")).Succeeded().Out);
        (await rig.AdminAsync("anchors", "add", "app", "3.0.0")).Refused("VERSION_UNKNOWN", 6);
    }

    private static async Task CopyAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
    }
}
