using System.Text.Json;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Networks;

/// <summary>Certificates that a device does not accept: the failure says why, <c>status</c> and <c>doctor</c> say where
/// to look and what to do, and with a good certificate all goes on.</summary>
public sealed class CertificateTests
{
    private static readonly (string Kind, string Reason)[] Refused =
    [
        ("other name", "its certificate is not for this host name (other.example.com)"),
        ("expired", "NotTimeValid"),
        ("self-signed", "does not vouch for its certificate"),
        ("other authority", "does not vouch for its certificate"),
    ];

    [Fact]
    public async Task A_certificate_that_is_not_accepted_is_named_with_the_remedy()
    {
        using var certificates = new ServerCertificates();
        await using var rig = await Rig.StartAsync(certificates.Settings);
        await using var relay = new HoldingRelay(rig.Server.Tls.Port, long.MaxValue);
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.AgentAsync(
            "install", "app", "--server", $"https://localhost:{relay.Address.Port}", "--ca",
            certificates.AuthorityFile, "--install-token", $"@{rig.TokenFile}", "--platform", rig.Platform))
            .Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        foreach (var (kind, reason) in Refused)
        {
            await ServeAsync(kind);
            await AssertNamedAsync(rig, reason);
        }

        await ServeAsync("good");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);

        async Task ServeAsync(string certificate)
        {
            await rig.RestartServerAfterAsync(_ => certificates.Write(certificate));
            relay.Release(rig.Server.Tls.Port);
        }
    }

    private static async Task AssertNamedAsync(Rig rig, string reason)
    {
        var refused = await rig.AgentAsync("upgrade", "app", "--json");

        refused.Refused("TLS_REFUSED", 5);
        var error = refused.Json.GetProperty("error");
        Assert.Equal("tls", Text(error, "cause"));
        Assert.Contains(reason, Text(error, "message"), StringComparison.Ordinal);
        Assert.Contains("ota-agent trust", Text(error, "hint"), StringComparison.Ordinal);
        var run = (await rig.AgentAsync("status", "app", "--json")).Succeeded().Json
            .GetProperty("products")[0].GetProperty("run");
        Assert.Equal(("blocked", "tls", "TLS_REFUSED"), (Text(run, "stage"), Text(run, "cause"), Text(run, "code")));
        Assert.Contains(reason, Text(run, "message"), StringComparison.Ordinal);
        var finding = (await rig.AgentAsync("doctor", "--json")).Json.GetProperty("findings").EnumerateArray()
            .Single(found => Text(found, "name") == "server");
        Assert.Equal(("error", "TLS_REFUSED"), (Text(finding, "level"), Text(finding, "code")));
        Assert.Contains(reason, Text(finding, "text"), StringComparison.Ordinal);
        Assert.Contains("ota-agent trust", Text(finding, "fix"), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
