using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Perf;

/// <summary>perf/fleet.sh, which the release gate runs with ten times as many agents.</summary>
[Trait("Category", "Slow")]
public sealed class FleetScriptTests
{
    [Fact]
    public async Task Fifty_agents_at_once_all_install()
    {
        var figures = await RunAsync("--agents", "50");

        Assert.Equal(50, figures["agents"]);
        Assert.Equal(0, figures["agents that failed"]);
        Assert.Equal(0, figures["errors in the server's log"]);
        Assert.InRange(figures["server, peak memory"], 1_000_000, 512_000_000);
    }

    [Fact]
    public async Task A_server_that_admits_two_transfers_at_once_slows_and_fails_nobody()
    {
        var figures = await RunAsync(
            "--agents", "20", "--megabytes", "2", "Fetch:AtOnce=2", "Fetch:BytesPerSecond=4000000");

        Assert.Equal(0, figures["agents that failed"]);
        Assert.Equal(0, figures["errors in the server's log"]);
    }

    private static async Task<Dictionary<string, double>> RunAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string?>
        {
            ["OTA_PROGRAMS"] = "built",
            ["OTA_AGENT"] = Programs.AgentCommand is [var program] ? program : null,
        };
        var run = await ProgramRun.RunAsync(
            environment, Repository.PathOf("perf/fleet.sh"), ["--json", .. arguments]);
        var json = run.Succeeded().Json;
        return json.GetProperty("figures").EnumerateArray()
            .Select(figure => (Name: figure.GetProperty("name").GetString()!, Value: figure.GetProperty("value")))
            .Append((Name: "agents", Value: json.GetProperty("agents")))
            .ToDictionary(figure => figure.Name, figure => figure.Value.GetDouble());
    }
}
