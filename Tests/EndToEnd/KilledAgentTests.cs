using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>An agent killed at a step of an upgrade: the old release or the new one runs, whole, and the next run
/// ends in the new one.</summary>
public sealed class KilledAgentTests
{
    [Theory]
    [InlineData("Rename", 40)]
    [InlineData("SyncFileSystem", 2)]
    [InlineData("Symlink", 8)]
    public async Task An_agent_killed_at_any_such_step_leaves_old_or_new_and_the_next_run_ends_in_new(
        string operation, int mostSteps)
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var installed = rig.Home;

        for (var step = 1; ; step++)
        {
            Assert.InRange(step, 1, mostSteps);
            rig.Home = await CopyAsync(installed, rig.PathOf($"home-{operation}-{step}"));

            var run = await rig.AgentWithAsync(
                "CHUNKOTA_FAULT", $"op={operation};at={step};mode=kill", "upgrade", "app");

            if (run.ExitCode == 0)
            {
                Assert.True(step > 1, $"no {operation} was ever done");
                return;
            }
            Assert.Equal(137, run.ExitCode);
            var version = Path.GetFileName(Directory.ResolveLinkTarget(rig.Current, false)!.FullName);
            SampleTree.AssertSame(version == "1.0.0" ? first : second, rig.Current);
            (await rig.AgentAsync("upgrade", "app")).Succeeded();
            SampleTree.AssertSame(second, rig.Current);
            (await rig.AgentAsync("verify", "app")).Succeeded();
        }
    }

    [Fact]
    public async Task An_interrupted_agent_ends_with_130_and_the_next_run_succeeds()
    {
        await using var rig = await Rig.StartAsync();

        var (run, tree) = await rig.InstallAndSignalAsync("TERM");

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("error INTERRUPTED: ", run.Error, StringComparison.Ordinal);
        rig.Proxy.Mend();

        (await rig.InstallAsync()).Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
    }

    private static async Task<string> CopyAsync(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        return to;
    }
}
