using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Links as devices have them: slow, silent, and cut again and again.</summary>
public sealed class BadLinkTests
{
    private const int ContentBytes = 600_000;

    [Fact]
    public async Task A_link_that_is_cut_or_reset_every_100_kB_gets_there_in_one_run()
    {
        await using var rig = await StartAsync();
        var script = Enumerable.Range(0, 100).Select(connection => connection % 2 == 0
            ? new RelayStep { CloseAfter = 100_000 }
            : new RelayStep { ResetAfter = 100_000 });
        await using var relay = new ScriptedRelay(rig.Server.Grpc.Port, script);

        (await InstallAsync(rig, relay)).Succeeded();

        AssertInstalled(rig);
        Assert.InRange(relay.Connections, 6, 30);
        Assert.InRange(relay.Down, ContentBytes, 4 * ContentBytes);
    }

    [Fact]
    public async Task A_manifest_that_no_connection_lasts_for_arrives_in_parts()
    {
        await using var rig = await Rig.StartAsync();
        var tree = rig.PathOf("tree");
        Directory.CreateDirectory(tree);
        for (var i = 0; i < 2_500; i++)
            await File.WriteAllBytesAsync(Path.Combine(tree, $"file{i}"), SampleTree.Noise(i, 20));
        (await rig.PublishAsync(tree, "1.0.0")).Succeeded();
        // As slow as such links are: what a broken connection has brought is lost where the agent has not read it yet.
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { CloseAfter = 70_000, BytesPerSecond = 200_000 });

        (await InstallAsync(rig, relay)).Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
        Assert.InRange(relay.Connections, 3, 12);
    }

    [Fact]
    public async Task A_list_of_chunks_that_no_connection_lasts_for_arrives_in_parts()
    {
        await using var rig = await Rig.StartAsync();
        (await rig.AdminAsync(
            "products", "create", "fine", "--root", $"{rig.Keys}/root.json", "--cut", "256/1K/4K")).Succeeded();
        var token = (await rig.AdminAsync(
            "tokens", "create", "--role", "install", "--product", "fine", "--channel", "stable", "--root",
            $"{rig.Keys}/root.json")).Succeeded();
        await File.WriteAllTextAsync(rig.TokenFile, token.Out.Trim());
        var tree = rig.PathOf("tree");
        Directory.CreateDirectory(tree);
        await File.WriteAllBytesAsync(Path.Combine(tree, "firmware"), SampleTree.Noise(1, 5_000_000));
        (await rig.AdminAsync(
            "publish", tree, "--product", "fine", "--version", "1.0.0", "--platform", rig.Platform, "--channel",
            "stable", "--keys", rig.Keys)).Succeeded();
        // The list is longer than what passes on each of the first connections.
        var cut = new RelayStep { CloseAfter = 100_000, BytesPerSecond = 400_000 };
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, [cut, cut, cut, cut, cut, cut, cut, cut, RelayStep.Good]);

        (await rig.AgentAsync(
            "install", "fine", "--server", relay.Url, "--install-token", $"@{rig.TokenFile}", "--platform",
            rig.Platform)).Succeeded();

        SampleTree.AssertSame(tree, Path.Combine(rig.Home, "fine", "current"));
    }

    [Fact]
    public async Task A_silent_server_is_too_slow_status_says_so_and_what_came_is_not_fetched_again()
    {
        await using var rig = await StartAsync();
        (await rig.InstallAsync()).Succeeded();
        await PublishAsync(rig, "1.1.0", revision: 2);
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { StallAfter = 560_000 }, new RelayStep { StallAfter = 0 });

        (await InstallAsync(rig, relay, seconds: 2)).Refused("TOO_SLOW", 8);

        var status = (await rig.AgentAsync("status", "app", "--json")).Succeeded();
        var run = status.Json.GetProperty("products")[0].GetProperty("run");
        Assert.Equal(
            ("blocked", "downloading", "too_slow", "TOO_SLOW", "1.1.0"),
            (Text(run, "stage"), Text(run, "at"), Text(run, "cause"), Text(run, "code"), Text(run, "version")));
        Assert.Contains(
            "blocked 1.1.0 (too slow): TOO_SLOW: ",
            (await rig.AgentAsync("status", "app")).Succeeded().Out,
            StringComparison.Ordinal);
        relay.Follow(RelayStep.Good);
        var before = relay.Down;
        (await InstallAsync(rig, relay)).Succeeded();
        AssertInstalled(rig);
        // A frame has at most 524,288 bytes: of the chunks, only the one that was on its way comes twice.
        Assert.InRange(relay.Down - before, 1, ContentBytes - 524_288 + 20_000);
    }

    [Fact]
    public async Task A_link_that_goes_dead_is_left_for_a_new_connection()
    {
        await using var rig = await StartAsync();
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { StallAfter = 400_000 }, RelayStep.Good);

        (await InstallAsync(rig, relay, seconds: 6)).Succeeded();

        AssertInstalled(rig);
        Assert.Equal(2, relay.Connections);
    }

    [Fact]
    public async Task A_slow_link_above_the_minimum_is_not_given_up()
    {
        await using var rig = await StartAsync();
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, new RelayStep { BytesPerSecond = 150_000 });

        (await InstallAsync(rig, relay, seconds: 1)).Succeeded();

        AssertInstalled(rig);
        Assert.Equal(1, relay.Connections);
    }

    [Fact]
    public async Task A_revert_does_not_wait_for_a_download_that_stalls()
    {
        await using var rig = await StartAsync();
        (await rig.InstallAsync()).Succeeded();
        await PublishAsync(rig, "1.1.0", revision: 2);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        await PublishAsync(rig, "1.2.0", revision: 3);
        await using var relay = new ScriptedRelay(rig.Server.Grpc.Port, new RelayStep { StallAfter = 400_000 });

        using var agent = rig.StartAgent(
            "install", "app", "--server", relay.Url, "--install-token", $"@{rig.TokenFile}", "--platform",
            rig.Platform);
        await Eventually.Async("the download stalls", () => relay.Down >= 400_000);
        Assert.Contains("1.0.0", (await rig.AgentAsync("revert", "app")).Succeeded().Out, StringComparison.Ordinal);

        (await ProgramRun.FinishAsync(agent)).Refused("BUSY", 7);
        Assert.Contains(
            "stopped while downloading 1.2.0", (await rig.AgentAsync("status", "app")).Succeeded().Out,
            StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static async Task<Rig> StartAsync()
    {
        var rig = await Rig.StartAsync();
        await PublishAsync(rig, "1.0.0", revision: 1);
        return rig;
    }

    private static async Task PublishAsync(Rig rig, string version, int revision)
    {
        Directory.CreateDirectory(rig.PathOf("tree"));
        await File.WriteAllBytesAsync(
            Path.Combine(rig.PathOf("tree"), "firmware"), SampleTree.Noise(revision, ContentBytes));
        (await rig.PublishAsync(rig.PathOf("tree"), version)).Succeeded();
    }

    private static async Task<ProgramRun> InstallAsync(
        Rig rig, ScriptedRelay relay, int seconds = 30)
    {
        var settings = rig.PathOf("ota-agent.json");
        await File.WriteAllTextAsync(
            settings, $"{{ \"MinimumBytesPerSecond\": 1000, \"StallSeconds\": {seconds} }}");
        return await rig.AgentWithAsync(
            "OTA_AGENT_CONFIG", settings, "install", "app", "--server", relay.Url, "--install-token",
            $"@{rig.TokenFile}", "--platform", rig.Platform);
    }

    private static void AssertInstalled(Rig rig) => Assert.Equal(
        File.ReadAllBytes(Path.Combine(rig.PathOf("tree"), "firmware")),
        File.ReadAllBytes(Path.Combine(rig.Current, "firmware")));
}
