using System.Diagnostics;
using System.Globalization;
using ChunkOta.Agent;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;
using static ChunkOta.Tests.Watching.RunningWatch;

namespace ChunkOta.Tests.Watching;

/// <summary>The policy of a device as <c>ota-agent watch</c> follows it: the real process, against a real server.
/// </summary>
public sealed class WatchPolicyTests
{
    /// <summary>A zone in which the hour is never that of UTC, and whose clock does not change.</summary>
    private const string FarZone = "Asia/Kolkata";

    [Fact]
    public async Task A_device_checks_as_often_as_its_server_asks_for()
    {
        await using var rig = await InstalledAsync("Devices:PollSeconds=1");
        using var agent = Start(rig, "Watch:StaysConnected=false");
        await agent.LookAsync();
        await agent.SaysAsync("app: 1.0.0 is current");

        // Without the server's hint the next check would come in an hour.
        await rig.PublishSampleAsync(1, "1.1.0");

        await agent.SaysAsync("app: installed 1.1.0");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(-1, 2, true)]
    [InlineData(2, 3, false)]
    public async Task A_download_keeps_to_the_rate_in_its_hours(int? fromHour, int? toHour, bool isLimited)
    {
        const int bytes = 1_500_000;
        const int bytesPerSecond = 250_000;
        await using var rig = await InstalledAsync();
        var tree = Directory.CreateDirectory(rig.PathOf("noise")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(tree, "noise"), SampleTree.Noise(7, bytes));
        (await rig.PublishAsync(tree, "1.1.0", "--allow-shrink")).Succeeded();
        // A limit that did not apply in its hours, or did outside of them, would show: 8192 bytes a second take longer
        // than a test waits.
        var rate = isLimited ? bytesPerSecond : 8192;
        string[] hours = fromHour is { } from && toHour is { } to
            ? [$"Watch:DownloadLimitHours={Hours("UTC", from, to)}"]
            : [];
        var began = Stopwatch.GetTimestamp();

        using var agent = Start(
            rig, ["Watch:PollSeconds=1", "Watch:TimeZone=UTC", $"Watch:DownloadBytesPerSecond={rate}", .. hours]);
        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));

        if (isLimited)
            Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds > 0.8 * bytes / bytesPerSecond);
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData(FarZone, "", FarZone, true)]
    [InlineData(FarZone, "", "UTC", false)]
    [InlineData("UTC", FarZone, FarZone, true)]
    [InlineData(FarZone, "UTC", FarZone, false)]
    [InlineData("UTC", "+05:30", FarZone, true)]
    public async Task Maintenance_windows_are_in_the_time_of_the_system_or_of_a_setting(
        string system, string setting, string zoneOfHours, bool isOpen)
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");

        using var agent = StartWith(
            new() { ["TZ"] = system }, rig, "Watch:PollSeconds=1", $"Watch:TimeZone={setting}",
            $"Watch:MaintenanceWindows={Hours(zoneOfHours, -1, 1)}");

        await agent.SaysAsync(isOpen ? "app: installed 1.1.0" : "app: 1.1.0 is downloaded");
        Assert.Equal(isOpen, IsCurrent(rig, "1.1.0"));
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task The_systems_zone_is_that_of_etc_localtime()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        // For this process alone, a copy of /etc with a link to another zone. A file in the place of this machine's
        // zone would not do: a zone whose name is that of UTC is UTC, whatever its file says.
        var etc = rig.PathOf("etc");
        const string script = "cp -a /etc \"$1\"; ln -sfn /usr/share/zoneinfo/$0 \"$1/localtime\" "
            + "&& mount --bind \"$1\" /etc && shift && exec \"$@\"";
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--map-root-user"];

        using var agent = ProgramRun.Start(
            new Dictionary<string, string?> { ["TZ"] = null, ["OTA_HOME"] = rig.Home }, "unshare",
            ["--mount", .. user, "sh", "-c", script, FarZone, etc, .. Programs.AgentCommand, "watch",
                "Watch:PollSeconds=1", $"Watch:MaintenanceWindows={Hours(FarZone, -1, 1)}"]);
        try
        {
            await Eventually.Async("the upgrade", () => agent.HasExited || IsCurrent(rig, "1.1.0"));
        }
        finally
        {
            if (!agent.HasExited) agent.Kill();
        }

        var run = await ProgramRun.FinishAsync(agent);
        Assert.True(IsCurrent(rig, "1.1.0"), run.Error);
    }

    [FactIfInstalled("dbus-daemon dbus-send")]
    public async Task Nothing_is_downloaded_on_a_metered_network_that_is_to_be_spared()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        await using var manager = await MockNetworkManager.StartAsync(rig.PathOf("bus"));
        await manager.SetMeteredAsync(1);
        using var agent = StartWith(
            new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = manager.Address }, rig,
            "Watch:PollSeconds=1", "Watch:PauseOnMetered=true", "Watch:StaysConnected=false");
        await agent.SaysAsync("app: paused: the network is metered");
        Assert.False(Directory.Exists(Path.Combine(rig.Home, "app/releases/1.1.0")));

        await manager.SetMeteredAsync(2);

        await agent.SaysAsync("app: installed 1.1.0");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_release_that_is_only_downloaded_becomes_current_by_hand_without_a_download()
    {
        await using var rig = await InstalledAsync();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        using var agent = Start(rig, "Watch:PollSeconds=1", "Products:app:Mode=download-only");
        await agent.SaysAsync("app: 1.1.0 is downloaded");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
        Assert.True(IsCurrent(rig, "1.0.0"));
        var before = rig.Proxy.Passed;

        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        SampleTree.AssertSame(second, rig.Current);
        // The check, of which the manifest is the most, and the report; the changed chunks are 200 kB.
        Assert.InRange(rig.Proxy.Passed - before, 1, 30_000);
    }

    [Fact]
    public async Task A_release_becomes_current_without_consent_once_its_deadline_has_passed()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        string[] settings = ["Watch:PollSeconds=1", "Products:app:Mode=deadline", "Products:app:DeadlineHours=2"];
        using (var early = Start(rig, settings))
        {
            await early.SaysAsync(line => line.Contains("1.1.0 is downloaded and waits", StringComparison.Ordinal));
            Assert.Equal(0, (await early.EndAsync()).ExitCode);
        }
        (await rig.AgentAsync("consent", "app", "--no")).Succeeded();
        Assert.True(IsCurrent(rig, "1.0.0"));
        StageEarlier(rig, TimeSpan.FromHours(2));

        using var agent = Start(rig, settings);

        await agent.SaysAsync("app: installed 1.1.0");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task An_answer_counts_until_it_is_asked_again_or_there_is_another_release()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        using var agent = Start(rig, "Watch:PollSeconds=1", "Products:app:Mode=soft");
        await agent.SaysAsync(line => line.Contains("1.1.0 is downloaded and waits", StringComparison.Ordinal));

        (await rig.AgentAsync("consent", "app", "--later", "2h")).Succeeded();
        Assert.Equal("nothing of app waits for consent\n", (await rig.AgentAsync("consent", "app")).Succeeded().Out);
        (await rig.AgentAsync("consent", "app", "--no")).Succeeded();
        await rig.PublishSampleAsync(2, "1.2.0");
        await agent.SaysAsync(line => line.Contains("1.2.0 is downloaded and waits", StringComparison.Ordinal));
        Assert.True(IsCurrent(rig, "1.0.0"));
        (await rig.AgentAsync("consent", "app", "--yes")).Succeeded();

        await agent.SaysAsync("app: installed 1.2.0");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Every_thread_has_the_lower_priority()
    {
        await using var rig = await InstalledAsync();
        using var agent = Start(rig, "Watch:Niceness=7");
        await agent.LookAsync();
        await agent.SaysAsync("app: 1.0.0 is current");

        foreach (var folder in Directory.GetDirectories($"/proc/{agent.Id}/task"))
        {
            var thread = Path.GetFileName(folder);
            var run = await ProgramRun.RunAsync(new Dictionary<string, string?>(), "ionice", "-p", thread);
            var niceness = FindNiceness(folder);
            // The pool's threads may end at any time; the first thread stays.
            if (niceness is null && thread != $"{agent.Id}") continue;
            Assert.Equal(7, niceness);
            Assert.Equal("idle\n", run.Succeeded().Out);
        }

        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    /// <summary>Changes the record as if the download had ended earlier.</summary>
    private static void StageEarlier(Rig rig, TimeSpan time)
    {
        var states = new StateStore(new AgentHome(rig.Home).Of("app"));
        var state = states.Get("app");
        var since = state.Staged!.SinceUnixSeconds - (long)time.TotalSeconds;
        states.Save(state with { Staged = state.Staged with { SinceUnixSeconds = since } });
    }

    /// <summary>A list of one window around the hour that it is in a zone now.</summary>
    private static string Hours(string zone, int from, int to)
    {
        var now = TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(zone));
        return string.Create(
            CultureInfo.InvariantCulture, $"[\"{now.AddHours(from):HH:mm}-{now.AddHours(to):HH:mm}\"]");
    }

    /// <summary>Null if the thread has ended.</summary>
    private static int? FindNiceness(string folder)
    {
        try
        {
            var status = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
