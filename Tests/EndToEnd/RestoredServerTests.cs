using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server that came back from a backup, and a device that saw more: docs/server.md, "Backup and
/// restore".</summary>
public sealed class RestoredServerTests
{
    [Fact]
    public async Task A_device_refuses_the_restored_server_until_the_lost_releases_are_published_and_renewed()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.Server.StopAsync();
        await CopyAsync(rig.PathOf("data"), rig.PathOf("backup"));
        await rig.StartServerAsync();
        var lost = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        await rig.Server.StopAsync();
        Directory.Delete(rig.PathOf("data"), recursive: true);
        await CopyAsync(rig.PathOf("backup"), rig.PathOf("data"));
        await rig.StartServerAsync();

        Assert.Equal("ROLLBACK", (await rig.AgentAsync("upgrade", "app", "--json")).Code);
        SampleTree.AssertSame(lost, rig.Current);
        (await rig.PublishAsync(lost, "1.1.0")).Succeeded();
        (await rig.AdminAsync(
            "channels", "renew", "app", "stable", "--platform", rig.Platform, "--keys", rig.Keys)).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        var next = await rig.PublishSampleAsync(2, "1.2.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(next, rig.Current);
    }

    private static async Task CopyAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
    }
}
