using System.Text.Json;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;
using static ChunkOta.Tests.Watching.RunningWatch;

namespace ChunkOta.Tests.Watching;

/// <summary>The programs around an update, started by the agent as it ships.</summary>
public sealed class HookTests
{
    [Fact]
    public async Task Hooks_get_the_environment_that_is_documented_and_nothing_else()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        foreach (var hook in new[] { "BeforeSwitch", "AfterSwitch" })
        {
            await SetAsync(
                rig, hook, $"cat /proc/$$/environ >{rig.PathOf(hook)}; readlink /proc/$$/fd/0 >>{rig.PathOf("in")}");
        }
        using var agent = StartWith(
            new() { ["OTA_INSTALL_TOKEN"] = "secret", ["LD_LIBRARY_PATH"] = "/nowhere" }, rig,
            ["--config", rig.PathOf("ota-agent.json"), "Watch:PollSeconds=1"]);

        await agent.SaysAsync("app: installed 1.1.0");

        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
        string[] expected =
        [
            "LANG=C.UTF-8", "OTA_FROM_VERSION=1.0.0", "OTA_PRODUCT=app", $"OTA_RELEASE={rig.Home}/app/releases/1.1.0",
            "OTA_VERSION=1.1.0", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ];
        Assert.Equal(expected, Variables("BeforeSwitch"));
        Assert.Equal(expected, Variables("AfterSwitch"));
        Assert.Equal(["/dev/null", "/dev/null"], await File.ReadAllLinesAsync(rig.PathOf("in")));

        string[] Variables(string hook) =>
            [.. File.ReadAllText(rig.PathOf(hook)).TrimEnd('\0').Split('\0').Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_hook_that_hangs_is_killed_with_all_that_it_started_and_nothing_changes()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        await SetAsync(rig, "BeforeSwitch", $"sleep 1000 & echo $! >{rig.PathOf("child")}; echo waits for users; wait");

        var run = await rig.AgentWithAsync(
            "OTA_AGENT__Products__app__HookSeconds", "1", "upgrade", "app", "--config", rig.PathOf("ota-agent.json"));

        run.Refused("HOOK_FAILED", 9);
        Assert.Contains("did not end within 1 s: waits for users", run.Error, StringComparison.Ordinal);
        Assert.True(IsCurrent(rig, "1.0.0"));
        var child = (await File.ReadAllTextAsync(rig.PathOf("child"))).Trim();
        await Eventually.Async("the end of the child", () => !Directory.Exists($"/proc/{child}"));
    }

    [Fact]
    public async Task Of_endless_output_the_last_line_is_told_and_bounded()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        await SetAsync(
            rig, "BeforeSwitch", "yes lines | head -c 5000000; head -c 5000000 /dev/zero | tr '\\0' x; exit 3");

        var run = await rig.AgentAsync("upgrade", "app", "--config", rig.PathOf("ota-agent.json"));

        run.Refused("HOOK_FAILED", 9);
        Assert.Contains("exited with 3: xxx", run.Error, StringComparison.Ordinal);
        Assert.InRange(run.Error.Length, 50, 8_000);
        Assert.True(IsCurrent(rig, "1.0.0"));
    }

    /// <summary>Adds a shell script as a hook to the rig's file of settings.</summary>
    private static async Task SetAsync(Rig rig, string hook, string script)
    {
        var path = rig.PathOf("ota-agent.json");
        var app = File.Exists(path)
            ? JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, Dictionary<string, string[]>>>>(
                await File.ReadAllTextAsync(path))!["Products"]["app"]
            : [];
        app[hook] = ["/bin/sh", "-c", script];
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { Products = new { app } }));
    }
}
