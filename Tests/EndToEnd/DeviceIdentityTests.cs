using ChunkOta.Agent;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A device whose clock is off, or whom the server has forgotten, is no stranger for long.</summary>
public sealed class DeviceIdentityTests
{
    [Theory]
    [InlineData(3)]
    // Behind the day of its build, so that it is this clock and not the publisher's that is wrong.
    [InlineData(-72)]
    public async Task A_device_whose_clock_is_off_by_hours_is_served_all_the_same(int hours)
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        var agent = new UpdateAgent(
            new AgentOptions { Home = rig.Home }, new ShiftedClock(TimeSpan.FromHours(hours)));

        var result = await agent.InstallAsync(new UpdateRequest
        {
            Product = "app",
            Platform = "linux-x64",
            Server = rig.Url,
            InstallToken = await File.ReadAllTextAsync(rig.TokenFile),
        });

        Assert.Equal(UpdateState.Installed, result.State);
        Assert.True(result.IsReported);
        SampleTree.AssertSame(tree, rig.Current);
    }

    [Fact]
    public async Task A_device_that_the_server_has_forgotten_enrols_again_with_a_token_and_keeps_what_it_trusts()
    {
        await using var rig = await Rig.StartAsync();
        await using var rebuilt = await Rig.StartAsync();
        var token = await CreateToolAsync(rig, rig.Keys);
        var first = SampleTree.Write(rig.PathOf("tree"), 0);
        (await PublishToolAsync(rig, rig.Keys, first, "1.0.0")).Succeeded();
        (await InstallToolAsync(rig, token)).Succeeded();

        // The same address, the same publisher, an empty catalogue.
        var newToken = await CreateToolAsync(rebuilt, rig.Keys);
        (await PublishToolAsync(rebuilt, rig.Keys, first, "1.0.0")).Succeeded();
        var second = SampleTree.Write(rig.PathOf("tree2"), 1);
        (await PublishToolAsync(rebuilt, rig.Keys, second, "1.1.0")).Succeeded();
        rig.Proxy.TargetPort = rebuilt.Server.Grpc.Port;

        (await rig.AgentAsync("upgrade", "tool")).Refused("DEVICE_UNKNOWN", 5);
        (await InstallToolAsync(rig, newToken)).Succeeded();

        SampleTree.AssertSame(second, Path.Combine(rig.Home, "tool", "current"));
        (await rig.AgentAsync("upgrade", "tool")).Succeeded();
    }

    [Fact]
    public async Task A_device_that_lost_its_key_enrols_again_with_a_token_and_keeps_what_it_trusts()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        File.Delete(Path.Combine(rig.Home, ".state", "device.key"));

        (await rig.AgentAsync("upgrade", "app")).Refused("USAGE", 2);
        (await rig.InstallAsync()).Succeeded();

        SampleTree.AssertSame(second, rig.Current);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    [Fact]
    public async Task A_copied_home_works_beside_its_original_and_at_another_path()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var original = rig.Home;
        using (var copying = System.Diagnostics.Process.Start("cp", ["-a", original, rig.PathOf("copy")]))
            await copying.WaitForExitAsync();
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        foreach (var home in new[] { original, rig.PathOf("copy"), original })
        {
            rig.Home = home;
            (await rig.AgentAsync("upgrade", "app")).Succeeded();
            SampleTree.AssertSame(second, rig.Current);
        }
        Directory.Move(rig.PathOf("copy"), rig.PathOf("moved"));
        rig.Home = rig.PathOf("moved");
        (await rig.AgentAsync("revert", "app")).Succeeded();
        (await rig.AgentAsync("verify", "app")).Succeeded();
    }

    [Fact]
    public async Task A_server_on_IPv6_alone_is_reached_by_its_number()
    {
        await using var rig = await Rig.StartAsync("Listen:Tls=[::1]:0");
        var tree = await rig.PublishSampleAsync(0, "1.0.0");

        (await rig.AgentAsync(
            "install", "app", "--server", $"https://[::1]:{rig.Server.Tls.Port}", "--install-token",
            $"@{rig.TokenFile}", "--platform", rig.Platform)).Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    [Fact]
    public async Task Revoking_a_token_with_its_devices_cuts_them_off_and_no_others()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var first = rig.Home;
        var token = await rig.InstallTokenAsync();
        rig.Home = rig.PathOf("other");
        (await rig.AgentAsync("install", "app", "--server", rig.Url, "--install-token", token, "--platform",
            "linux-x64")).Succeeded();
        var id = InstallToken.Parse(token).IdText;

        (await rig.AdminAsync("tokens", "revoke", id)).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        var revoked = (await rig.AdminAsync("tokens", "revoke", id, "--with-devices", "--json")).Succeeded().Json;

        Assert.Equal(1, revoked.GetProperty("removed_devices").GetInt64());
        (await rig.AgentAsync("upgrade", "app")).Refused("DEVICE_UNKNOWN", 5);
        (await rig.AgentAsync("install", "app", "--install-token", token)).Refused("TOKEN_INVALID", 5);
        (await rig.AgentAsync("install", "app", "--install-token", await rig.InstallTokenAsync())).Succeeded();
        rig.Home = first;
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    [Fact]
    public async Task An_install_token_is_bounded_unless_it_is_made_otherwise()
    {
        await using var rig = await Rig.StartAsync();
        string[] create =
            ["tokens", "create", "--role", "install", "--product", "app", "--channel", "stable", "--label"];

        var usual = (await rig.AdminAsync([.. create, "usual"])).Succeeded();
        var wide = (await rig.AdminAsync([.. create, "wide", "--uses", "unlimited", "--expires", "never"])).Succeeded();
        (await rig.AdminAsync([.. create, "none", "--uses", "0"])).Refused("USAGE", 2);

        Assert.StartsWith("it enrols at most 100 devices until ", usual.Error, StringComparison.Ordinal);
        Assert.StartsWith("it enrols any number of devices and never expires", wide.Error, StringComparison.Ordinal);
        var tokens = (await rig.AdminAsync("tokens", "list", "--json")).Succeeded().Json.GetProperty("tokens")
            .EnumerateArray().Where(token => token.TryGetProperty("label", out _))
            .ToDictionary(token => token.GetProperty("label").GetString()!);
        Assert.Equal(100, tokens["usual"].GetProperty("uses").GetInt32());
        var life = tokens["usual"].GetProperty("expires_unix_seconds").GetInt64()
            - tokens["usual"].GetProperty("created_unix_seconds").GetInt64();
        Assert.InRange(life, 29.9 * 86_400, 30.1 * 86_400);
        Assert.False(tokens["wide"].TryGetProperty("expires_unix_seconds", out var expiry) && expiry.GetInt64() != 0);
        Assert.False(tokens["wide"].TryGetProperty("uses", out var uses) && uses.GetInt32() != 0);
    }

    private static async Task<string> CreateToolAsync(Rig rig, string keys)
    {
        (await rig.AdminAsync("products", "create", "tool", "--root", $"{keys}/root.json")).Succeeded();
        var created = await rig.AdminAsync(
            "tokens", "create", "--role", "install", "--product", "tool", "--channel", "stable", "--root",
            $"{keys}/root.json");
        var file = rig.PathOf("tool.token");
        await File.WriteAllTextAsync(file, created.Succeeded().Out);
        return file;
    }

    private static Task<ProgramRun> PublishToolAsync(Rig rig, string keys, string tree, string version) =>
        rig.AdminAsync(
        "publish", tree, "--product", "tool", "--version", version, "--platform", "linux-x64", "--channel", "stable",
        "--keys", keys);

    private static Task<ProgramRun> InstallToolAsync(Rig rig, string token) => rig.AgentAsync(
        "install", "tool", "--server", rig.Url, "--install-token", $"@{token}", "--platform", "linux-x64");

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
