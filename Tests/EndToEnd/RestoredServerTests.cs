using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server that came back from a backup, and a device that saw more: docs/server.md, "Backup and
/// restore".</summary>
public sealed class RestoredServerTests
{
    [Fact]
    public async Task A_restored_server_is_behind_until_its_publisher_goes_on_with_higher_numbers()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        (await RunAsync(rig, "backup", "create")).Succeeded();
        var lost = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        await rig.Server.StopAsync();
        Directory.Move(rig.PathOf("data"), rig.PathOf("lost"));
        (await RunAsync(rig, "restore")).Succeeded();
        await rig.StartServerAsync();

        // The device stays as it is, and calls it no attack.
        var behind = await rig.AgentAsync("upgrade", "app", "--json");
        Assert.Equal("SERVER_BEHIND", behind.Code);
        Assert.Equal(8, behind.ExitCode);
        Assert.Equal(JsonValueKind.Null, behind.Json.GetProperty("error").GetProperty("attack").ValueKind);
        SampleTree.AssertSame(lost, rig.Current);
        Assert.Contains("publish with --after-restore", rig.Server.Log, StringComparison.Ordinal);

        // No number is given out again.
        Assert.Equal("SERVER_BEHIND", (await rig.PublishAsync(lost, "1.1.0")).Code);
        string[] renewal = ["channels", "renew", "app", "stable", "--platform", rig.Platform, "--keys", rig.Keys];
        Assert.Equal("SERVER_BEHIND", (await rig.AdminAsync([.. renewal, "--json"])).Code);

        // What was lost is published again, and devices go on from it.
        var restored = TimeProvider.System.GetUtcNow().AddMinutes(-10).ToUnixTimeSeconds();
        var again = (await rig.PublishAsync(lost, "1.1.0", "--after-restore")).Succeeded();
        Assert.InRange(again.Json.GetProperty("counter").GetInt64(), restored, restored + 1200);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(lost, rig.Current);
        (await rig.AdminAsync(renewal)).Succeeded();
        var next = await rig.PublishSampleAsync(2, "1.2.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(next, rig.Current);
    }

    [Fact]
    public async Task A_channel_without_a_new_release_stays_behind_and_is_no_attack()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        string[] toBeta = ["--to", "beta", "--create-channel", "--keys", rig.Keys];
        (await rig.AdminAsync(["promote", "app", "1.0.0", .. toBeta])).Succeeded();
        (await rig.InstallAsync("--channel", "beta")).Succeeded();
        (await RunAsync(rig, "backup", "create")).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AdminAsync(["promote", "app", "1.1.0", .. toBeta])).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        await rig.Server.StopAsync();
        Directory.Move(rig.PathOf("data"), rig.PathOf("lost"));
        (await RunAsync(rig, "restore")).Succeeded();
        await rig.StartServerAsync();

        var next = SampleTree.Write(rig.PathOf("tree2"), 2);
        (await rig.PublishAsync(next, "1.2.0", "--after-restore")).Succeeded();

        Assert.Equal("SERVER_BEHIND", (await rig.AgentAsync("upgrade", "app", "--json")).Code);
        (await rig.AdminAsync(
            "channels", "renew", "app", "beta", "--platform", rig.Platform, "--keys", rig.Keys)).Succeeded();
        Assert.Equal("SERVER_BEHIND", (await rig.AgentAsync("upgrade", "app", "--json")).Code);
        (await rig.AdminAsync(["promote", "app", "1.2.0", .. toBeta])).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(next, rig.Current);
    }

    private static Task<ProgramRun> RunAsync(Rig rig, params string[] verb) => ProgramRun.RunAsync(
        new Dictionary<string, string?>(), "dotnet",
        [Programs.Server, .. verb, "--data", rig.PathOf("data"), $"Backup:Folder={rig.PathOf("backup")}"]);
}
