using System.Net;
using System.Net.Sockets;
using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Networks;

/// <summary>Networks that never answer, or never come to an end: every run ends by a deadline with a named cause, and
/// no lock stays held.</summary>
public sealed class SilentNetworkTests
{
    private static readonly string[] Quick = ["OTA_AGENT__StallSeconds", "2"];

    [Theory]
    [InlineData("silence", "TOO_SLOW", "too_slow")]
    [InlineData("headers", "TOO_SLOW", "too_slow")]
    [InlineData("messages", "SERVER_UNAVAILABLE", "server connect")]
    public async Task Watch_names_a_server_that_has_no_end_and_goes_on_when_it_is_back(
        string kind, string code, string causes)
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        await using var server = kind switch
        {
            "silence" => FalseServer.Silent(),
            "headers" => FalseServer.EndlessHeaders(),
            _ => FalseServer.EndlessMessages(),
        };
        rig.Proxy.TargetPort = server.Port;
        using var agent = rig.StartAgentWith(new() { [Quick[0]] = Quick[1] }, "watch", "Watch:PollSeconds=1");

        await agent.NextLineAsync(line => line.StartsWith($"app: error {code}: ", StringComparison.Ordinal));

        FileLock.Acquire(Path.Combine(rig.Home, "app", "lock")).Dispose();
        var run = (await rig.AgentAsync("status", "app", "--json")).Succeeded().Json
            .GetProperty("products")[0].GetProperty("run");
        // The message that is too long is refused, or the connection breaks first.
        Assert.Contains(run.GetProperty("cause").GetString(), causes.Split(' '));
        rig.Proxy.TargetPort = rig.Server.Grpc.Port;
        await Eventually.Async(
            "the upgrade", () => new FileInfo(rig.Current).LinkTarget == "releases/1.1.0");
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task A_proxy_that_accepts_and_never_answers_is_too_slow()
    {
        await using var rig = await Rig.StartAsync();
        await using var proxy = FalseServer.Silent();

        using var agent = rig.StartAgentWith(
            new() { [Quick[0]] = Quick[1], ["HTTPS_PROXY"] = $"http://127.0.0.1:{proxy.Port}", ["NO_PROXY"] = null },
            InstallFrom(rig, "https://ota.example.com"));
        (await ProgramRun.FinishAsync(agent)).Refused("TOO_SLOW", 8);

        Assert.InRange(proxy.Connections, 1, 10);
        FileLock.Acquire(Path.Combine(rig.Home, "app", "lock")).Dispose();
    }

    /// <summary>Needs root, as CI is: it mounts another resolv.conf, for the agent alone.</summary>
    [FactIfInstalled("unshare")]
    public async Task A_DNS_server_that_never_answers_is_the_cause()
    {
        await using var rig = await Rig.StartAsync();
        using var dns = new UdpClient(new IPEndPoint(IPAddress.Parse("127.53.0.1"), 53));
        await File.WriteAllTextAsync(
            rig.PathOf("resolv.conf"), "nameserver 127.53.0.1\noptions timeout:1 attempts:1\n");
        await File.WriteAllTextAsync(rig.PathOf("nsswitch.conf"), "hosts: dns\n");
        var mounts = $"mount --bind {rig.PathOf("resolv.conf")} /etc/resolv.conf && "
            + $"mount --bind {rig.PathOf("nsswitch.conf")} /etc/nsswitch.conf && exec \"$@\"";
        var environment = new Dictionary<string, string?>
        {
            ["OTA_HOME"] = rig.Home,
            ["HTTPS_PROXY"] = null,
            ["https_proxy"] = null,
        };

        var run = await ProgramRun.RunAsync(
            environment, "unshare",
            ["--mount", "sh", "-c", mounts, "sh", .. Programs.AgentCommand,
                .. InstallFrom(rig, "https://ota.example.com"), "--json"]);

        Assert.True(dns.Available > 0, $"nobody asked the DNS server: {run.Out}{run.Error}");
        run.Refused("SERVER_UNAVAILABLE", 8);
        Assert.Equal("dns", run.Json.GetProperty("error").GetProperty("cause").GetString());
        FileLock.Acquire(Path.Combine(rig.Home, "app", "lock")).Dispose();
    }

    [Fact]
    public async Task A_server_that_never_says_that_it_listens_is_left_after_a_minute()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await using var server = FalseServer.Silent();
        rig.Proxy.TargetPort = server.Port;
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        using var listener = new UpdateAgent(new AgentOptions { Home = rig.Home }, time).Listen("app");
        await using var moves = listener.ListenAsync("app", TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = moves.MoveNextAsync().AsTask();
        await Eventually.Async("a connection", () => server.Connections > 0);
        Assert.False(first.IsCompleted);

        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Eventually.Async("the end of the wait", first, () => ""));
    }

    private static string[] InstallFrom(Rig rig, string url) =>
        ["install", "app", "--server", url, "--install-token", $"@{rig.TokenFile}", "--platform", rig.Platform];
}
