using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The agent for linux-arm64 as it ships, on an emulated processor where nothing else is.</summary>
[Trait("Category", "StaticProgram")]
public sealed class Arm64AgentTests
{
    [Fact]
    public async Task Its_selftest_passes()
    {
        using var jail = Jail.ForArm64Agent();

        var run = (await jail.RunAsync("selftest")).Succeeded();

        Assert.Contains("ok   DUR-00 syncfs(-1) says EBADF\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("ok   blake3 Vector128 (in use)\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("ok   paths stay inside by OpenAt", run.Out, StringComparison.Ordinal);
        Assert.All(run.Out.TrimEnd().Split('\n'), line => Assert.StartsWith("ok   ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_installs_by_chunks_and_upgrades_by_a_delta_over_TLS()
    {
        await using var rig = await Rig.StartAsync("Deltas:Workers=1");
        using var jail = Jail.ForArm64Agent();
        rig.Platform = "linux-arm64";
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        File.Copy(rig.TokenFile, jail["install.token"]);

        // Without --platform: the agent asks for releases of the processor that it was made for.
        (await jail.RunAsync(
            "install", "app", "--server", rig.Server.Tls.ToString(), "--install-token", "@/install.token")).Succeeded();
        SampleTree.AssertSame(first, jail.Current);

        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();
        var upgrade = (await jail.RunAsync("upgrade", "app", "--json")).Succeeded().Json;
        SampleTree.AssertSame(second, jail.Current);
        Assert.NotEqual(0, upgrade.GetProperty("fetched_delta_bytes").GetInt64());
        Assert.Equal(0, upgrade.GetProperty("fetched_chunk_bytes").GetInt64());

        (await jail.RunAsync("verify", "app")).Succeeded();
        (await jail.RunAsync("revert", "app")).Succeeded();
        SampleTree.AssertSame(first, jail.Current);
    }
}
