using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Networks whose proxies speak HTTP/1.1 only, and those that answer with a page of their own.</summary>
public sealed class OldProxyTests
{
    [Fact]
    public async Task A_device_behind_a_proxy_that_inspects_TLS_and_speaks_HTTP_1_1_installs_and_upgrades()
    {
        await using var rig = await Rig.StartAsync();
        await using var proxy = new TlsTerminator(rig.Server.Http.Port);
        await File.WriteAllTextAsync(rig.PathOf("ca.pem"), proxy.CertificatePem);
        var first = await rig.PublishSampleAsync(0, "1.0.0");

        (await rig.AgentAsync(
            "install", "app", "--server", $"https://localhost:{proxy.Port}", "--ca", rig.PathOf("ca.pem"),
            "--install-token", $"@{rig.TokenFile}", "--platform", rig.Platform)).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        SampleTree.AssertSame(second, rig.Current);
        Assert.Contains(
            $"server: https://localhost:{proxy.Port} answers", (await rig.AgentAsync("doctor")).Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_of_HTTP_1_1_serves_devices_as_well()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");

        (await rig.AgentAsync(
            "install", "app", "--server", $"http://{rig.Server.Http.Authority}", "--install-token",
            $"@{rig.TokenFile}", "--platform", rig.Platform)).Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
    }

    [Fact]
    public async Task A_captive_portal_is_named_as_such()
    {
        await using var rig = await Rig.StartAsync();
        await using var portal = FalseServer.Portal();

        var run = await rig.AgentAsync(
            "install", "app", "--server", $"http://127.0.0.1:{portal.Port}", "--install-token", $"@{rig.TokenFile}",
            "--platform", rig.Platform);

        run.Refused("SERVER_UNAVAILABLE", 8);
        Assert.Contains("a web page answered instead of the server", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_captive_portal_before_a_device_is_a_cause_that_status_and_doctor_name()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        await using (var portal = FalseServer.Portal())
        {
            rig.Proxy.TargetPort = portal.Port;

            (await rig.AgentAsync("upgrade", "app")).Refused("SERVER_UNAVAILABLE", 8);

            var run = (await rig.AgentAsync("status", "app", "--json")).Succeeded().Json
                .GetProperty("products")[0].GetProperty("run");
            Assert.Equal("proxy", run.GetProperty("cause").GetString());
            Assert.Contains(
                "a web page answered instead of the server", run.GetProperty("message").GetString(),
                StringComparison.Ordinal);
            var doctor = (await rig.AgentAsync("doctor")).Out;
            Assert.True(
                doctor.Contains("a web page answered instead of the server", StringComparison.Ordinal), doctor);
        }

        rig.Proxy.TargetPort = rig.Server.Grpc.Port;
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    /// <summary>Ends TLS without HTTP/2 and passes the bytes on in the clear.</summary>
    private sealed class TlsTerminator : LoopbackListener
    {
        private readonly X509Certificate2 _certificate = Certificate();
        private readonly int _target;

        public TlsTerminator(int target) => _target = target;

        public string CertificatePem => _certificate.ExportCertificatePem();

        protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
        {
            using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = _certificate,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                },
                stop);
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, _target, stop);
            await Task.WhenAny(
                tls.CopyToAsync(far.GetStream(), stop), far.GetStream().CopyToAsync(tls, stop));
        }

        private static X509Certificate2 Certificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            var now = TimeProvider.System.GetUtcNow();
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        }
    }
}
