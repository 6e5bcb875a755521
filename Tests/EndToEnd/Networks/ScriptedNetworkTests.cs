using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Networks;

/// <summary>Networks that fail as a script says, between the real agent and the real server: every script ends in the
/// right release, or in a failure whose cause has a name and that the next run heals.</summary>
[Trait("Category", "Random")]
public sealed class ScriptedNetworkTests(ScriptedNetworkTests.Bench bench) : IClassFixture<ScriptedNetworkTests.Bench>
{
    private const int Scripts = 8;
    private const int Devices = 4;
    private const int MaxFaults = 4;
    private const int Files = 8;
    private const int FileBytes = 300_000;

    private const long ContentBytes = Files * FileBytes;
    private const int FaultAt = 1_200_000;

    /// <summary>The most that one fault can cost beside what its connection brought, since a fast link brings all of
    /// that before the agent has read it: a frame, and the answers of a new connection.</summary>
    private const int LostBytes = 524_288 + 60_000;

    private static readonly string[] Kinds =
        ["cut", "reset", "half-close", "stall", "flip", "repeat", "misplace", "slow"];

    private static readonly string[] WebKinds = [.. Kinds, "unavailable", "unavailable", "mixed up"];

    [Theory]
    [InlineData("cut")]
    [InlineData("reset")]
    [InlineData("half-close")]
    [InlineData("stall")]
    [InlineData("flip")]
    [InlineData("repeat")]
    [InlineData("misplace")]
    [InlineData("slow")]
    public async Task A_fault_in_the_content_is_got_over_in_one_run(string kind)
    {
        var rig = bench.Rig;
        await using var relay = new ScriptedRelay(
            rig.Server.Grpc.Port, StepOf(kind, FaultAt), RelayStep.Good);

        (await InstallAsync(rig, relay, kind)).Succeeded();

        AssertInstalled(rig, kind);
        Assert.InRange(relay.Down, ContentBytes, MostBytes([StepOf(kind, FaultAt)]));
    }

    [Theory]
    [InlineData("unavailable", 4)]
    [InlineData("mixed up", 1)]
    public async Task A_proxy_that_answers_wrongly_is_got_over_in_one_run(string kind, int times)
    {
        var rig = bench.Rig;
        await using var relay = new ScriptedRelay(
            rig.Server.Http.Port, [.. Enumerable.Repeat(StepOf(kind, 4), times), RelayStep.Good]);

        (await InstallAsync(rig, relay, kind)).Succeeded();

        AssertInstalled(rig, kind);
        Assert.InRange(relay.Connections, times + 1, times + 6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_script_ends_in_the_release_or_in_a_named_cause(bool isWeb)
    {
        var rig = bench.Rig;
        var random = Rounds.Random(isWeb ? 44 : 43);
        var scripts = Enumerable.Range(0, Rounds.Of(Scripts)).Select(index => ScriptOf(random, isWeb)).ToArray();

        foreach (var some in scripts.Index().Chunk(Devices))
        {
            await Task.WhenAll(
                some.Select(each => PlayAsync(rig, each.Item, isWeb, $"home-{isWeb}-{each.Index}")));
        }

        FaultFigures.Add(("connection_faults", scripts.Sum(script => script.Length)));
    }

    private static async Task PlayAsync(Rig rig, RelayStep[] script, bool isWeb, string home)
    {
        var story = string.Join("; ", script.Select(step => step.ToString()));
        await using var relay = new ScriptedRelay(
            isWeb ? rig.Server.Http.Port : rig.Server.Grpc.Port, [.. script, RelayStep.Good]);

        var run = await InstallAsync(rig, relay, home);

        if (run.ExitCode != 0)
        {
            Assert.True(run.ExitCode is >= 3 and <= 8, $"{story}\nexit code {run.ExitCode}: {run.Out}");
            var cause = run.Json.GetProperty("error").GetProperty("cause").GetString();
            Assert.True(cause is not (null or "other"), $"{story}\ncause {cause}: {run.Out}");
            relay.Follow(RelayStep.Good);
            run = await InstallAsync(rig, relay, home);
        }
        Assert.True(run.ExitCode == 0, $"{story}\n{run.Out}{run.Error}");
        AssertInstalled(rig, home);
        var most = MostBytes(script);
        Assert.True(relay.Down <= most, $"{story}\n{relay.Down} bytes were fetched, more than {most}");
    }

    private static long MostBytes(RelayStep[] script) =>
        ContentBytes + LostBytes + script.Sum(step => Math.Min(step.End, ContentBytes) + LostBytes);

    private static RelayStep[] ScriptOf(Random random, bool isWeb)
    {
        var kinds = isWeb ? WebKinds : Kinds;
        return
        [
            .. Enumerable.Range(0, random.Next(1, MaxFaults + 1)).Select(fault => StepOf(
                kinds[random.Next(kinds.Length)],
                random.Next(2) == 0 ? random.Next(1, 30_000) : random.Next(30_000, Files * FileBytes))),
        ];
    }

    private static RelayStep StepOf(string kind, int at) => kind switch
    {
        "cut" => new RelayStep { CloseAfter = at },
        "reset" => new RelayStep { ResetAfter = at },
        "half-close" => new RelayStep { HalfCloseAfter = at },
        "stall" => new RelayStep { StallAfter = at },
        "flip" => new RelayStep { FlipAt = at },
        "repeat" => new RelayStep { RepeatAt = at },
        "misplace" => new RelayStep { MisplaceAt = at },
        "slow" => new RelayStep { BytesPerSecond = 4_000, CloseAfter = 12_000 },
        "unavailable" => new RelayStep { IsUnavailable = true },
        "mixed up" => new RelayStep { MixesUpRequest = 2 + (at % 4) },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static async Task<ProgramRun> InstallAsync(Rig rig, ScriptedRelay relay, string home)
    {
        using var agent = rig.StartAgentWith(
            new() { ["OTA_HOME"] = rig.PathOf(home), ["OTA_AGENT_CONFIG"] = rig.PathOf("ota-agent.json") },
            "install", "app", "--server", relay.Url, "--install-token", $"@{rig.TokenFile}", "--platform",
            rig.Platform, "--json");
        return await ProgramRun.FinishAsync(agent);
    }

    private static void AssertInstalled(Rig rig, string home) => SampleTree.AssertSame(
        rig.PathOf("tree"), Path.Combine(rig.PathOf(home), "app", "current"));

    /// <summary>A server with one release, and the settings of its devices.</summary>
    public sealed class Bench : IAsyncLifetime
    {
        internal Rig Rig { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Rig = await Rig.StartAsync();
            var tree = Directory.CreateDirectory(Rig.PathOf("tree")).FullName;
            for (var i = 0; i < Files; i++)
                await File.WriteAllBytesAsync(Path.Combine(tree, $"file{i}"), SampleTree.Noise(i, FileBytes));
            (await Rig.PublishAsync(tree, "1.0.0")).Succeeded();
            await File.WriteAllTextAsync(
                Rig.PathOf("ota-agent.json"), """{ "MinimumBytesPerSecond": 1000, "StallSeconds": 3 }""");
        }

        public ValueTask DisposeAsync() => Rig.DisposeAsync();
    }
}
