using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary><c>ota-agent run</c>, with the real programs.</summary>
public sealed class LaunchTests
{
    [Fact]
    public async Task A_release_whose_program_fails_three_times_is_left_and_the_old_one_starts_again()
    {
        await using var rig = await Rig.StartAsync();
        await InstallAndUpgradeAsync(rig, "exit 1");
        Assert.Contains("on trial", (await rig.AgentAsync("status", "app")).Succeeded().Out, StringComparison.Ordinal);
        await rig.Server.StopAsync();

        for (var start = 1; start <= 3; start++)
        {
            Assert.Equal("1.1.0", CurrentOf(rig));
            var run = await RunAsync(rig);
            Assert.Equal(1, run.ExitCode);
            Assert.Equal(start == 3 ? "warning: app 1.1.0 does not work: its program was started 3 times and exited "
                + "with 1; 1.0.0 is current again\n" : "", run.Error);
        }

        Assert.Equal("one\n", (await RunAsync(rig)).Succeeded().Out);
        Assert.Contains(
            "not installed again: 1.1.0: its program was started 3 times and exited with 1",
            (await rig.AgentAsync("status", "app")).Succeeded().Out, StringComparison.Ordinal);
        await rig.StartServerAsync();
        var again = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        Assert.Equal("rejected", again.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Without_a_trial_the_program_takes_the_place_of_the_agent()
    {
        await using var rig = await Rig.StartAsync();
        await PublishAsync(rig, "1.0.0", "echo $$ \"$OTA_VERSION\" \"$OTA_INSTALL_TOKEN\" \"$@\"; exit 9");
        (await rig.InstallAsync()).Succeeded();

        using var process = rig.StartAgent("run", "app", "--", "bin/app", "--help", "a b");
        var run = await ProgramRun.FinishAsync(process);

        Assert.Equal((9, $"{process.Id} 1.0.0  --help a b\n"), (run.ExitCode, run.Out));
        (await rig.AgentAsync("run", "app", "--", "../../../bin/sh")).Refused("USAGE", 2);
        (await rig.AgentAsync("run", "other", "--", "bin/app")).Refused("NOT_INSTALLED", 6);
    }

    [Fact]
    public async Task A_program_on_trial_gets_the_signals_and_one_that_was_stopped_has_not_failed()
    {
        await using var rig = await Rig.StartAsync();
        await InstallAndUpgradeAsync(rig, "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done");

        for (var start = 1; start <= 4; start++)
        {
            using var agent = rig.StartAgent("run", "app", "--", "bin/app");
            Assert.Equal(
                "ready", await Eventually.Async("the start", agent.StandardOutput.ReadLineAsync(), () => ""));
            await agent.SignalAsync("TERM");
            Assert.Equal(5, (await ProgramRun.FinishAsync(agent)).ExitCode);
        }

        Assert.Equal("1.1.0", CurrentOf(rig));
    }

    private static string CurrentOf(Rig rig) =>
        Path.GetFileName(Directory.ResolveLinkTarget(rig.Current, false)!.FullName);

    private static Task<ProgramRun> RunAsync(Rig rig) => rig.AgentAsync("run", "app", "--", "bin/app");

    private static async Task InstallAndUpgradeAsync(Rig rig, string program)
    {
        await PublishAsync(rig, "1.0.0", "echo one");
        (await rig.InstallAsync()).Succeeded();
        await PublishAsync(rig, "1.1.0", program);
        await File.WriteAllTextAsync(
            rig.PathOf("ota-agent.json"), """{ "Products": { "app": { "Health": { "NeedsStart": true } } } }""");
        var upgrade = await rig.AgentWithAsync(
            "OTA_AGENT_CONFIG", rig.PathOf("ota-agent.json"), "upgrade", "app", "--json");
        Assert.Equal("on_trial", upgrade.Succeeded().Json.GetProperty("state").GetString());
    }

    private static async Task PublishAsync(Rig rig, string version, string program)
    {
        var tree = rig.PathOf($"tree-{version}");
        Directory.CreateDirectory(Path.Combine(tree, "bin"));
        var path = Path.Combine(tree, "bin", "app");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{program}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        (await rig.PublishAsync(tree, version)).Succeeded();
    }
}
