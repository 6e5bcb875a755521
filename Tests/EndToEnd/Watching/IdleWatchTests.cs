using System.Globalization;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Watching;

/// <summary>The cost of <c>ota-agent watch</c>, as it ships, while nothing happens. perf/agent.sh measures the same on
/// a large release.</summary>
[Trait("Category", "StaticProgram")]
public sealed class IdleWatchTests
{
    private const int MaxResidentBytes = 16_000_000;
    private const double MaxCheckSeconds = 0.03;
    private const int Checks = 20;

    [Fact]
    public async Task It_sleeps_and_takes_little_memory_also_when_it_is_connected_and_after_an_upgrade()
    {
        await using var rig = await InstalledAsync();
        using var agent = await StartAsync(rig, "true");
        await AssertSmallAsync(agent.Id);

        await rig.PublishSampleAsync(1, "1.1.0");
        await agent.SaysAsync("app: installed 1.1.0");
        for (var reload = 0; reload < 10; reload++)
        {
            await agent.SignalAsync("HUP");
            await agent.SaysAsync(IsCheck);
        }

        await AssertSmallAsync(agent.Id);
        await AssertSleepsAsync(agent.Id);
        await rig.PublishSampleAsync(2, "1.2.0");
        await agent.SaysAsync("app: installed 1.2.0");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_check_that_finds_nothing_costs_little()
    {
        await using var rig = await InstalledAsync();
        using var agent = await StartAsync(rig, "false");

        // A machine that is busy makes it dearer, never cheaper.
        var least = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var before = CpuSeconds(agent.Id);
            for (var check = 0; check < Checks; check++)
            {
                await agent.SignalAsync("HUP");
                await agent.SaysAsync(IsCheck);
            }
            least = Math.Min(least, (CpuSeconds(agent.Id) - before) / Checks);
        }

        Assert.InRange(least, 0, MaxCheckSeconds);
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    /// <summary>A rig whose device is enrolled over TLS, as devices are.</summary>
    private static async Task<Rig> InstalledAsync()
    {
        var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.AgentAsync(
            "install", "app", "--server", rig.Server.Tls.ToString(), "--install-token", $"@{rig.TokenFile}",
            "--platform", rig.Platform)).Succeeded();
        return rig;
    }

    private static async Task<RunningWatch> StartAsync(Rig rig, string isConnected)
    {
        var agent = RunningWatch.StartStatic(
            rig, "--verbose", "Watch:PollSeconds=86400", $"Watch:StaysConnected={isConnected}");
        await agent.LookAsync();
        await agent.SaysAsync(IsCheck);
        return agent;
    }

    private static bool IsCheck(string line) => line.Contains("/CheckForUpdate: OK", StringComparison.Ordinal);

    /// <summary>What a run needed is given back after it, by the last of its threads after some seconds.</summary>
    private static async Task AssertSmallAsync(int process) => await Eventually.Async(
        $"resident memory of at most {MaxResidentBytes} bytes",
        () => Task.FromResult(ResidentBytes(process)), bytes => bytes <= MaxResidentBytes);

    /// <summary>Waits for a minute with one voluntary context switch at most. Threads of the run before are still
    /// ending in the first.</summary>
    private static async Task AssertSleepsAsync(int process)
    {
        var (counts, last) = (new List<long>(), Switches(process));
        for (var minute = 0; minute < 3; minute++)
        {
            await Task.Delay(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            var now = Switches(process);
            counts.Add(now.Sum(thread => thread.Value - last.GetValueOrDefault(thread.Key)));
            if (counts[^1] <= 1 && now.Keys.ToHashSet().SetEquals(last.Keys))
                return;
            last = now;
        }
        Assert.Fail($"voluntary context switches in each minute: {string.Join(", ", counts)}");
    }

    private static Dictionary<string, long> Switches(int process) =>
        Directory.GetDirectories($"/proc/{process}/task").ToDictionary(
            path => path, path => NumberIn($"{path}/status", "voluntary_ctxt_switches:"));

    private static long ResidentBytes(int process) => 1024 * NumberIn($"/proc/{process}/status", "VmRSS:");

    private static long NumberIn(string status, string name) => long.Parse(
        File.ReadLines(status).First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..]
            .Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);

    private static double CpuSeconds(int process)
    {
        var status = File.ReadAllText($"/proc/{process}/stat");
        var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
        // In hundredths of a second, whatever the kernel counts in.
        return fields[11..13].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / 100.0;
    }
}
