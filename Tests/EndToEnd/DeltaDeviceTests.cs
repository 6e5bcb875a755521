using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// One server that has made its deltas, and a device that has the release before: each test takes a copy of it.
/// </summary>
public sealed class DeltaDevices : IAsyncLifetime
{
    private const int FileBytes = 1_200_000;
    private const int NewBytes = 450_000;

    internal Rig Rig { get; private set; } = null!;

    internal string First { get; private set; } = "";

    internal string Second { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Rig = await Rig.StartAsync("Deltas:Workers=1");
        First = Write("first", isNew: false);
        Second = Write("second", isNew: true);
        (await Rig.PublishAsync(First, "1.0.0")).Succeeded();
        (await Rig.InstallAsync()).Succeeded();
        (await Rig.PublishAsync(Second, "1.1.0")).Succeeded();
        await WaitForDeltasAsync();
    }

    internal async Task WaitForDeltasAsync()
    {
        var deltas = (await Rig.AdminAsync("deltas", "app", "--wait", "--json")).Succeeded();
        Assert.Contains("best", deltas.Out, StringComparison.Ordinal);
    }

    /// <summary>Lets the rig's device be a copy of the one that has the first release.</summary>
    internal async Task BeNewDeviceAsync(string name)
    {
        var original = Rig.PathOf("home");
        var home = Rig.PathOf(name);
        using (var copy = Process.Start("cp", ["-a", original, home]))
            await copy.WaitForExitAsync();
        Rig.Home = home;
    }

    public async ValueTask DisposeAsync() => await Rig.DisposeAsync();

    /// <summary>Two files of which hardly a chunk stays, as in programs built anew; and one that stays.</summary>
    private string Write(string name, bool isNew)
    {
        var tree = Rig.PathOf(name);
        Directory.CreateDirectory(tree);
        for (var i = 0; i < 2; i++)
        {
            var bytes = SampleTree.Noise(i, FileBytes);
            for (var at = 0; isNew && at < FileBytes; at += 2_000)
                bytes[at] += 3;
            if (isNew)
                bytes = [.. bytes[..500_000], .. SampleTree.Noise(10 + i, NewBytes), .. bytes[500_000..]];
            File.WriteAllBytes(Path.Combine(tree, $"program{i}"), bytes);
        }
        File.WriteAllText(Path.Combine(tree, "readme"), "as ever");
        return tree;
    }
}

/// <summary>Upgrades by delta through real processes: what they save, and that they are never needed.</summary>
public sealed class DeltaDeviceTests(DeltaDevices devices) : IClassFixture<DeltaDevices>
{
    private const int AllNewBytes = 900_000;
    private const int OneFileBytes = 1_650_000;

    /// <summary>What the server sends of a delta in one message; a device keeps whole ones.</summary>
    private const int PieceBytes = 256 * 1024;

    private readonly Rig _rig = devices.Rig;

    [Fact]
    public async Task An_upgrade_is_three_calls_and_little_more_than_what_is_new_and_a_check_is_one_call()
    {
        await devices.BeNewDeviceAsync("plain");
        var plan = (await _rig.AgentAsync("upgrade", "app", "--dry-run", "--json")).Succeeded().Json;

        var calls = _rig.Proxy.Calls;
        var upgrade = (await _rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        Assert.Equal(3, _rig.Proxy.Calls - calls);
        SampleTree.AssertSame(devices.Second, _rig.Current);
        Assert.Equal(0, upgrade.GetProperty("fetched_chunk_bytes").GetInt64());
        Assert.Equal(2, upgrade.GetProperty("delta_files").GetInt32());
        Assert.InRange(upgrade.GetProperty("wire_bytes_down").GetInt64(), AllNewBytes, AllNewBytes + 30_000);
        Assert.Equal(
            upgrade.GetProperty("fetched_delta_bytes").GetInt64(), plan.GetProperty("fetched_delta_bytes").GetInt64());

        calls = _rig.Proxy.Calls;
        Assert.Equal("unchanged", (
            await _rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json.GetProperty("state").GetString());
        Assert.Equal(1, _rig.Proxy.Calls - calls);
    }

    [Fact]
    public async Task A_dry_run_says_what_each_file_costs_and_why()
    {
        await devices.BeNewDeviceAsync("dry");

        var plan = (await _rig.AgentAsync("upgrade", "app", "--dry-run", "--json")).Succeeded().Json;
        var text = (await _rig.AgentAsync("upgrade", "app", "--dry-run")).Succeeded().Out;

        var steps = plan.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(["program0", "program1"], steps.Select(step => step.GetProperty("path").GetString()));
        Assert.All(steps, step => Assert.Equal("delta", step.GetProperty("action").GetString()));
        Assert.All(steps, step => Assert.NotEqual("", step.GetProperty("cause").GetProperty("evidence").GetString()));
        var bytes = steps.Sum(step => step.GetProperty("cause").GetProperty("bytes").GetInt64());
        Assert.InRange(bytes, AllNewBytes, plan.GetProperty("fetched_delta_bytes").GetInt64());
        Assert.Matches("(?m)^  delta program0 \\(1[.]7 MB\\): [a-z]+, [0-9.]+ kB on the wire \\(", text);
        Assert.Matches("(?m)^delta   2 entries, 3[.]3 MB, [0-9.]+ kB to fetch$", text);
        Assert.Matches("(?m)^keep    1 entry, 7 B$", text);
        SampleTree.AssertSame(devices.First, _rig.Current);
    }

    [Fact]
    public async Task A_file_damaged_on_the_device_comes_as_chunks_and_the_others_by_the_delta()
    {
        await devices.BeNewDeviceAsync("damaged");
        using (var file = File.OpenWrite(Path.Combine(_rig.Current, "program0")))
        {
            file.Position = 300_000;
            file.Write("damage"u8);
        }

        var upgrade = (await _rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(devices.Second, _rig.Current);
        Assert.Equal("DELTA_BAD", upgrade.GetProperty("delta_failure").GetString());
        Assert.Equal(1, upgrade.GetProperty("delta_files").GetInt32());
        Assert.InRange(upgrade.GetProperty("fetched_chunk_bytes").GetInt64(), 1, OneFileBytes);
    }

    [Fact]
    public async Task A_delta_changed_on_its_way_installs_nothing_wrong()
    {
        await devices.BeNewDeviceAsync("tampered");
        _rig.Proxy.FlipAfter(AllNewBytes / 2);

        var upgrade = (await _rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(devices.Second, _rig.Current);
        Assert.Equal("DELTA_BAD", upgrade.GetProperty("delta_failure").GetString());
        Assert.Equal(0, upgrade.GetProperty("delta_files").GetInt32());
    }

    [Fact]
    public async Task A_killed_agent_fetches_only_the_rest_of_the_delta()
    {
        await devices.BeNewDeviceAsync("killed");
        OwnedProcess? agent = null;
        _rig.Proxy.CutAfter(700_000, async () =>
        {
            await UntilDownloadedAsync(2 * PieceBytes);
            agent!.Kill();
        });
        using (agent = _rig.StartAgent("upgrade", "app"))
            Assert.NotEqual(0, (await ProgramRun.FinishAsync(agent)).ExitCode);
        _rig.Proxy.Mend();
        SampleTree.AssertSame(devices.First, _rig.Current);

        var resumed = (await _rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(devices.Second, _rig.Current);
        Assert.Equal(2, resumed.GetProperty("delta_files").GetInt32());
        Assert.InRange(resumed.GetProperty("wire_bytes_down").GetInt64(), 1, AllNewBytes + 30_000 - (2 * PieceBytes));
    }

    [Fact]
    public async Task A_delta_that_is_gone_when_it_is_asked_for_costs_the_chunks()
    {
        var own = new DeltaDevices();
        await own.InitializeAsync();
        await using var rig = own.Rig;
        var deltas = Path.Combine(rig.Server.Data, "objects", "deltas");
        var fetch = rig.Proxy.Calls + 2;
        rig.Proxy.CallSeen = call =>
        {
            if (call != fetch)
                return;
            foreach (var file in Directory.GetFiles(deltas, "*", SearchOption.AllDirectories))
                File.Delete(file);
        };

        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(own.Second, rig.Current);
        Assert.Equal("DELTA_UNKNOWN", upgrade.GetProperty("delta_failure").GetString());
        Assert.True(upgrade.GetProperty("fetched_chunk_bytes").GetInt64() > AllNewBytes);
    }

    /// <summary>Waits until the device has a number of bytes of the delta on its disk.</summary>
    private async Task UntilDownloadedAsync(long bytes)
    {
        var staging = Path.Combine(_rig.Home, "app", "staging");
        await Eventually.Async(
            $"{bytes} bytes of the delta",
            () => Directory.GetFiles(staging, "*.delta").Any(file => new FileInfo(file).Length >= bytes));
    }
}
