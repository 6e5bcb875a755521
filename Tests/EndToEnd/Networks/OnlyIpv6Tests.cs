using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Networks;

/// <summary>A server that listens on IPv6 alone.</summary>
public sealed class OnlyIpv6Tests
{
    [Fact]
    public async Task Devices_install_and_upgrade_with_TLS_and_without()
    {
        await using var rig = await Rig.StartAsync(
            "Listen:Grpc=[::1]:0", "Listen:Http=[::1]:0", "Listen:Tls=[::1]:0");
        await rig.PublishSampleAsync(0, "1.0.0");
        var (grpc, http, tls) = (rig.Server.Grpc.Port, rig.Server.Http.Port, rig.Server.Tls.Port);
        string[] urls =
        [
            $"http://[::1]:{grpc}", $"http://[::1]:{http}", $"https://[::1]:{tls}", $"https://[0:0:0:0:0:0:0:1]:{tls}",
        ];
        foreach (var (index, url) in urls.Index())
        {
            rig.Home = rig.PathOf($"home{index}");
            (await rig.AgentAsync(
                "install", "app", "--server", url, "--install-token", $"@{rig.TokenFile}", "--platform",
                rig.Platform)).Succeeded();
        }

        var second = await rig.PublishSampleAsync(1, "1.1.0");

        foreach (var (index, _) in urls.Index())
        {
            rig.Home = rig.PathOf($"home{index}");
            (await rig.AgentAsync("upgrade", "app")).Succeeded();
            SampleTree.AssertSame(second, rig.Current);
        }
    }
}
