using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>An agent killed at a step of an upgrade: the old release or the new one runs, whole, and the next run
/// ends in the new one.</summary>
public sealed class KilledAgentTests
{
    private const int Kills = 20;
    private const int SystemCalls = 10;

    private static readonly string[] Modes = ["kill", "kill-after", "torn"];
    private static readonly string[] Calls = ["fsync", "syncfs", "rename", "symlink", "pwrite64", "fchmod", "unlink"];
    private static readonly string[] Injections =
        ["signal=KILL", "signal=KILL", "signal=KILL", "error=EIO", "error=ENOSPC", "error=EDQUOT"];

    [Theory]
    [InlineData("Rename", 60)]
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
            await AssertSurvivedAsync(rig, first, second);
            FaultFigures.Add(("sigkills", 1));
        }
    }

    [Fact, Trait("Category", "Random")]
    public async Task An_agent_killed_at_steps_of_an_upgrade_leaves_old_or_new()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var installed = rig.Home;
        rig.Home = await CopyAsync(installed, rig.PathOf("home-whole"));
        var log = rig.PathOf("steps");
        (await rig.AgentWithAsync("CHUNKOTA_FAULT", $"mode=log;log={log}", "upgrade", "app")).Succeeded();
        var steps = (await File.ReadAllLinesAsync(log)).Length;
        var random = Rounds.Random(39);

        for (var i = 0; i < Rounds.Of(Kills); i++)
        {
            rig.Home = await CopyAsync(installed, rig.PathOf($"home-{i}"));
            var mode = Modes[random.Next(Modes.Length)];
            var fault = $"at={random.Next(1, steps + 1)};mode={mode}";

            var run = await rig.AgentWithAsync("CHUNKOTA_FAULT", fault, "upgrade", "app");

            Assert.True(run.ExitCode == 137, $"{fault}: exit code {run.ExitCode}\n{run.Error}");
            await AssertSurvivedAsync(rig, first, second);
            Directory.Delete(rig.Home, recursive: true);
        }
        FaultFigures.Add(("sigkills", Rounds.Of(Kills)));
    }

    /// <summary>The same from outside, without the agent's own fault points.</summary>
    [FactIfInstalled("strace"), Trait("Category", "Random")]
    public async Task An_agent_killed_or_failed_at_system_calls_leaves_old_or_new()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var installed = rig.Home;
        var random = Rounds.Random(40);
        var kills = 0;

        for (var i = 0; i < Rounds.Of(SystemCalls); i++)
        {
            rig.Home = await CopyAsync(installed, rig.PathOf($"home-{i}"));
            var call = Calls[random.Next(Calls.Length)];
            var what = Injections[random.Next(Injections.Length)];

            var run = await rig.TracedAgentAsync(
                $"inject={call}:{what}:when={random.Next(1, 8)}", "upgrade", "app");

            kills += run.ExitCode == 137 ? 1 : 0;
            await AssertSurvivedAsync(rig, first, second);
            Directory.Delete(rig.Home, recursive: true);
        }
        FaultFigures.Add(("sigkills", kills));
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

    /// <summary>The old release or the new one runs, whole, and the next run ends in the new one.</summary>
    private static async Task AssertSurvivedAsync(Rig rig, string first, string second)
    {
        var version = Path.GetFileName(Directory.ResolveLinkTarget(rig.Current, false)!.FullName);
        SampleTree.AssertSame(version == "1.0.0" ? first : second, rig.Current);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
        (await rig.AgentAsync("verify", "app")).Succeeded();
    }

    private static async Task<string> CopyAsync(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        return to;
    }
}
