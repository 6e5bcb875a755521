using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server with another TLS key or at another address: devices are repaired without installing again, and
/// only by their own operator. A server that is away for a moment is waited for.</summary>
public sealed class ChangedServerTests
{
    [Fact]
    public async Task A_device_learns_a_new_TLS_key_from_a_file_or_a_fresh_token_and_remembers_it()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await using var relay = new HoldingRelay(rig.Server.Tls.Port, long.MaxValue);
        var url = $"https://localhost:{relay.Address.Port}";
        (await rig.AgentAsync("install", "app", "--server", url, "--install-token", $"@{rig.TokenFile}",
            "--platform", "linux-x64")).Succeeded();
        var pinned = Convert.ToHexStringLower(rig.Server.SpkiSha256);

        await ChangeKeyAsync(rig, relay);
        var refused = await rig.AgentAsync("upgrade", "app");
        refused.Refused("TLS_REFUSED", 5);
        Assert.Contains(pinned, refused.Error, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(rig.Server.SpkiSha256), refused.Error, StringComparison.Ordinal);
        Assert.Contains("ota-agent trust", refused.Error, StringComparison.Ordinal);

        // From a file, which is not needed again.
        var file = rig.PathOf("given.crt");
        File.Copy(Path.Combine(rig.Server.Data, "tls.crt"), file);
        (await rig.AgentAsync("trust", "app", "--ca", file)).Succeeded();
        File.Delete(file);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        Assert.Equal("authorities", await TrustKindAsync(rig));
        var state = new FileInfo(Path.Combine(rig.Home, ".state/trust.a"));
        // It holds no secret, and other users ask for the status.
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            state.UnixFileMode);

        // From a fresh token.
        await ChangeKeyAsync(rig, relay);
        (await rig.AgentAsync("upgrade", "app")).Refused("TLS_REFUSED", 5);
        (await rig.AgentAsync("trust", "--install-token", await rig.InstallTokenAsync())).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        Assert.Equal("key", await TrustKindAsync(rig));

        // By installing with a fresh token; an old one does no harm afterwards.
        await ChangeKeyAsync(rig, relay);
        (await rig.AgentAsync("install", "app", "--install-token", await rig.InstallTokenAsync())).Succeeded();
        (await rig.AgentAsync("install", "app", "--install-token", $"@{rig.TokenFile}")).Succeeded();

        // By an upgrade that names the file, once.
        await ChangeKeyAsync(rig, relay);
        (await rig.AgentAsync("upgrade", "app", "--ca", Path.Combine(rig.Server.Data, "tls.crt"))).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    [Fact]
    public async Task A_trust_that_the_server_does_not_meet_is_not_saved()
    {
        await using var rig = await Rig.StartAsync();
        await using var other = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.AgentAsync("install", "app", "--server", rig.Server.Tls.ToString(), "--install-token",
            $"@{rig.TokenFile}", "--platform", "linux-x64")).Succeeded();
        var otherCertificate = Path.Combine(other.Server.Data, "tls.crt");

        (await rig.AgentAsync("trust", "app", "--ca", otherCertificate)).Refused("TLS_REFUSED", 5);
        (await rig.AgentAsync("trust", "app", "--ca", rig.TokenFile)).Refused("CONFIG_INVALID", 2);
        (await rig.AgentAsync("trust", "app", "--system-ca")).Refused("TLS_REFUSED", 5);
        (await rig.AgentAsync("trust", "app", "--install-token", $"@{other.TokenFile}")).Refused("ROOT_CHAIN", 4);
        (await rig.AgentAsync("trust", "app", "--server", other.Server.Tls.ToString())).Refused("TLS_REFUSED", 5);
        (await rig.AgentAsync("upgrade", "app", "--ca", otherCertificate)).Refused("TLS_REFUSED", 5);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        // For a change that is still to come, it is saved unseen.
        (await rig.AgentAsync("trust", "app", "--ca", otherCertificate, "--no-check")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Refused("TLS_REFUSED", 5);
    }

    [Fact]
    public async Task A_device_follows_its_server_to_another_address()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var direct = $"http://127.0.0.1:{rig.Server.Grpc.Port}";
        rig.Proxy.TargetPort = 1;

        (await rig.AgentAsync("trust", "--server", direct)).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        SampleTree.AssertSame(second, rig.Current);
        var status = (await rig.AgentAsync("status", "app", "--json")).Succeeded().Json;
        Assert.Equal(direct, status.GetProperty("products")[0].GetProperty("server").GetString());
    }

    [Fact]
    public async Task A_server_that_is_away_for_a_moment_is_waited_for()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        rig.Proxy.TargetPort = 1;

        using var agent = rig.StartAgent("upgrade", "app");
        var line = await Eventually.Async("a line", agent.StandardError.ReadLineAsync(), () => "");
        rig.Proxy.TargetPort = rig.Server.Grpc.Port;
        (await ProgramRun.FinishAsync(agent)).Succeeded();

        Assert.EndsWith(": trying again", line, StringComparison.Ordinal);
        SampleTree.AssertSame(second, rig.Current);
        await rig.Server.StopAsync();
        var away = await rig.AgentAsync("upgrade", "app");
        away.Refused("SERVER_UNAVAILABLE", 8);
        Assert.Single(
            away.Error.Split('\n'), text => text.Contains("trying again", StringComparison.Ordinal));
    }

    /// <summary>The server loses its TLS key and makes another.</summary>
    private static async Task ChangeKeyAsync(Rig rig, HoldingRelay relay)
    {
        await rig.RestartServerAfterAsync(data =>
        {
            File.Delete(Path.Combine(data, "tls.crt"));
            File.Delete(Path.Combine(data, "tls.key"));
        });
        relay.Release(rig.Server.Tls.Port);
    }

    private static async Task<string?> TrustKindAsync(Rig rig) =>
        (await rig.AgentAsync("status", "app", "--json")).Succeeded().Json
            .GetProperty("products")[0].GetProperty("server_trust").GetProperty("kind").GetString();
}
