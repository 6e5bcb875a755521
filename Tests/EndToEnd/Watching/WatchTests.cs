using System.Net.Sockets;
using System.Text;
using ChunkOta.Tests.Support;
using static ChunkOta.Tests.Watching.RunningWatch;

namespace ChunkOta.Tests.Watching;

/// <summary><c>ota-agent watch</c> as a process, against a real server.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task It_installs_a_new_release_by_itself_and_ends_cleanly()
    {
        await using var rig = await InstalledAsync();
        using var manager = new ServiceManagerSocket(rig.PathOf("notify"));
        using var agent = StartWith(
            new() { ["NOTIFY_SOCKET"] = manager.Path, ["WATCHDOG_USEC"] = "600000000" }, rig, "Watch:PollSeconds=1");

        await Eventually.Async("the start", () => manager.States.Length >= 2);
        Assert.Equal(["READY=1", "WATCHDOG=1"], manager.States);
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));
        SampleTree.AssertSame(second, rig.Current);

        var run = await agent.EndAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("app: installed 1.1.0\n", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("stopped\n", run.Error, StringComparison.Ordinal);
        await Eventually.Async("the sign of the end", () => manager.States[^1] == "STOPPING=1");
    }

    [Fact]
    public async Task A_device_that_is_connected_checks_when_a_channel_moves()
    {
        await using var rig = await InstalledAsync();
        using var agent = Start(rig, "Watch:PollSeconds=86400");
        await agent.LookAsync();
        await agent.SaysAsync("app: 1.0.0 is current");

        await rig.PublishSampleAsync(1, "1.1.0");
        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));
        await rig.PublishSampleAsync(2, "1.2.0");
        await Eventually.Async("the next upgrade", () => IsCurrent(rig, "1.2.0"));

        // The server does not wait for the device, and the device finds the server again.
        Assert.Equal(0, await rig.Server.StopAsync());
        await rig.StartServerAsync();
        await rig.PublishSampleAsync(3, "1.3.0");
        await Eventually.Async("the upgrade after a restart", () => IsCurrent(rig, "1.3.0"));
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_device_whose_clock_is_wrong_checks_when_a_channel_moves_as_well()
    {
        await using var rig = await InstalledAsync();
        // To the agent it is the same as its own clock an hour back.
        await rig.Server.AdvanceClockAsync(TimeSpan.FromHours(1));
        using var agent = Start(rig, "Watch:PollSeconds=86400");
        await agent.LookAsync();
        await agent.SaysAsync("app: 1.0.0 is current");

        await rig.PublishSampleAsync(1, "1.1.0");

        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_server_that_is_away_is_asked_again_until_it_is_back()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        await rig.Server.StopAsync();
        using var agent = Start(rig, "Watch:PollSeconds=1");
        var failure = await agent.SaysAsync(line => line.Contains("error", StringComparison.Ordinal));
        Assert.StartsWith("app: error SERVER_UNAVAILABLE: ", failure, StringComparison.Ordinal);

        await rig.StartServerAsync();

        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_product_that_another_command_works_on_is_left_alone_and_tried_again()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        using (Durable.FileLock.Acquire(Path.Combine(rig.Home, "app", "lock")))
        {
            using var agent = Start(rig, "Watch:PollSeconds=1");
            await agent.SaysAsync(line => line.StartsWith("watching ", StringComparison.Ordinal));
            var second = await rig.AgentAsync("watch");
            second.Refused("BUSY", 7);
            Assert.Contains("another ota-agent watch", second.Error, StringComparison.Ordinal);
            var run = await agent.EndAsync();
            Assert.Equal(0, run.ExitCode);
            Assert.DoesNotContain("error", run.Error, StringComparison.Ordinal);
        }

        Assert.True(IsCurrent(rig, "1.0.0"));
    }

    [Fact]
    public async Task Consent_lets_a_staged_release_become_current_at_once()
    {
        await using var rig = await InstalledAsync();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        using var agent = Start(
            rig, "Watch:PollSeconds=1", "Products:app:Mode=soft", "Watch:MaintenanceWindows=[\"00:00-00:01\"]");
        await agent.SaysAsync(line => line.Contains("waits for consent", StringComparison.Ordinal));
        Assert.True(IsCurrent(rig, "1.0.0"));
        var status = await rig.AgentWithAsync("OTA_AGENT__Products__app__Mode", "soft", "status");
        Assert.Contains(
            "1.1.0 waits for consent: ota-agent consent app", status.Succeeded().Out, StringComparison.Ordinal);

        var consent = await rig.AgentAsync("consent", "app", "--yes");

        Assert.Equal("app 1.1.0 becomes current now\n", consent.Succeeded().Out);
        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));
        SampleTree.AssertSame(second, rig.Current);
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Settings_are_read_again_on_SIGHUP()
    {
        await using var rig = await InstalledAsync();
        await rig.PublishSampleAsync(1, "1.1.0");
        var supply = Directory.CreateDirectory(rig.PathOf("power/BAT0")).FullName;
        await File.WriteAllTextAsync(Path.Combine(supply, "type"), "Battery\n");
        await File.WriteAllTextAsync(Path.Combine(supply, "status"), "Discharging\n");
        var config = rig.PathOf("ota-agent.json");
        await File.WriteAllTextAsync(config, Settings("true"));
        using var agent = Start(rig, "--config", config);
        await agent.SaysAsync("app: paused: the machine runs on its battery");

        await File.WriteAllTextAsync(config, Settings("maybe"));
        await agent.SignalAsync("HUP");
        await agent.SaysAsync(line => line.StartsWith("error CONFIG_INVALID: ", StringComparison.Ordinal));
        Assert.True(IsCurrent(rig, "1.0.0"));

        await File.WriteAllTextAsync(config, Settings("false"));
        await agent.SignalAsync("HUP");
        await Eventually.Async("the upgrade", () => IsCurrent(rig, "1.1.0"));
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);

        string Settings(string pause) =>
            $$"""
            {
              "Watch": { "PollSeconds": 1, "PauseOnBattery": {{pause}}, "PowerSupplyFolder": "{{rig.PathOf("power")}}" }
            }
            """;
    }

    /// <summary>The socket by which a service manager is told how a service is.</summary>
    private sealed class ServiceManagerSocket : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly List<string> _states = [];

        public ServiceManagerSocket(string path)
        {
            Path = path;
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            _ = ReadAsync();
        }

        public string Path { get; }

        /// <summary>All states so far, without the descriptions.</summary>
        public string[] States
        {
            get
            {
                lock (_states)
                    return [.. _states.Where(state => !state.StartsWith("STATUS=", StringComparison.Ordinal))];
            }
        }

        public void Dispose() => _socket.Dispose();

        private async Task ReadAsync()
        {
            var buffer = new byte[1024];
            try
            {
                while (true)
                {
                    var state = Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer));
                    lock (_states) _states.Add(state);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
