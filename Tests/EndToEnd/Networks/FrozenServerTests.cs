using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Networks;

/// <summary>A server that stops in the middle of a download: frozen, stopped with notice, or set to another
/// time.</summary>
public sealed class FrozenServerTests
{
    private const int ContentBytes = 6_000_000;
    private const int Downloaded = 2_000_000;
    private const int BytesPerSecond = 2_000_000;

    /// <summary>The most that is fetched twice: what was on its way.</summary>
    private const int TornBytes = 1_100_000;

    [Fact]
    public async Task A_server_that_is_frozen_is_too_slow_and_the_next_run_fetches_the_rest()
    {
        await using var rig = await StartAsync();
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { BytesPerSecond = BytesPerSecond });
        using (var agent = Start(rig, relay.Url, stallSeconds: 2))
        {
            await Eventually.Async("a part of the download", () => relay.Down >= Downloaded);
            await rig.Server.SignalAsync("STOP");
            (await ProgramRun.FinishAsync(agent)).Refused("TOO_SLOW", 8);
        }
        Assert.Contains(
            "blocked 1.0.0 (too slow): TOO_SLOW: ", (await rig.AgentAsync("status", "app")).Error,
            StringComparison.Ordinal);
        var before = relay.Down;

        await rig.Server.SignalAsync("CONT");
        using (var agent = Start(rig, relay.Url, stallSeconds: 30))
            (await ProgramRun.FinishAsync(agent)).Succeeded();

        AssertInstalled(rig);
        Assert.InRange(relay.Down - before, 1, ContentBytes - Downloaded + TornBytes);
    }

    [Fact]
    public async Task A_server_that_thaws_is_asked_again_by_the_same_run()
    {
        await using var rig = await StartAsync();
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { BytesPerSecond = BytesPerSecond });
        using var agent = Start(rig, relay.Url, stallSeconds: 6);
        await Eventually.Async("a part of the download", () => relay.Down >= Downloaded);

        await rig.Server.SignalAsync("STOP");
        await agent.NextLineAsync(line => line.EndsWith(": trying again", StringComparison.Ordinal));
        await rig.Server.SignalAsync("CONT");

        (await ProgramRun.FinishAsync(agent)).Succeeded();
        AssertInstalled(rig);
        Assert.InRange(relay.Down, ContentBytes, ContentBytes + TornBytes);
    }

    [Fact]
    public async Task A_server_that_says_goodbye_in_the_middle_of_a_download_and_comes_back_is_followed()
    {
        await using var rig = await StartAsync("Limits:StopTimeoutSeconds=1");
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { BytesPerSecond = BytesPerSecond });
        using var agent = Start(rig, relay.Url, stallSeconds: 30);
        await Eventually.Async("a part of the download", () => relay.Down >= Downloaded);

        // A frame GOAWAY, then a second for the calls that run.
        Assert.Equal(0, await rig.Server.StopAsync());
        await rig.StartServerAsync();
        relay.TargetPort = rig.Server.Grpc.Port;

        (await ProgramRun.FinishAsync(agent)).Succeeded();
        AssertInstalled(rig);
        Assert.InRange(relay.Down, ContentBytes, ContentBytes + TornBytes);
    }

    [Fact]
    public async Task A_clock_that_is_set_in_the_middle_of_a_download_does_not_end_it()
    {
        await using var rig = await StartAsync();
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { BytesPerSecond = BytesPerSecond, CloseAfter = Downloaded },
            RelayStep.Good);
        using var agent = Start(rig, relay.Url, stallSeconds: 30);
        await Eventually.Async("a part of the download", () => relay.Down > 100_000);

        // To the agent it is the same as its own clock an hour back.
        await rig.Server.AdvanceClockAsync(TimeSpan.FromHours(1));

        (await ProgramRun.FinishAsync(agent)).Succeeded();
        AssertInstalled(rig);
        Assert.Equal(2, relay.Connections);
    }

    private static async Task<Rig> StartAsync(params string[] settings)
    {
        var rig = await Rig.StartAsync(settings);
        var tree = Directory.CreateDirectory(rig.PathOf("tree")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(tree, "image"), SampleTree.Noise(1, ContentBytes));
        (await rig.PublishAsync(tree, "1.0.0")).Succeeded();
        return rig;
    }

    private static OwnedProcess Start(Rig rig, string url, int stallSeconds) => rig.StartAgentWith(
        new() { ["OTA_AGENT__StallSeconds"] = $"{stallSeconds}" },
        "install", "app", "--server", url, "--install-token", $"@{rig.TokenFile}", "--platform", rig.Platform);

    private static void AssertInstalled(Rig rig) => SampleTree.AssertSame(rig.PathOf("tree"), rig.Current);
}
