using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
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
        await using var portal = new Portal();

        var run = await rig.AgentAsync(
            "install", "app", "--server", $"http://127.0.0.1:{portal.Port}", "--install-token", $"@{rig.TokenFile}",
            "--platform", rig.Platform);

        run.Refused("SERVER_UNAVAILABLE", 8);
        Assert.Contains("a web page answered instead of the server", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Ends TLS without HTTP/2 and passes the bytes on in the clear.</summary>
    private sealed class TlsTerminator : Listener
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

    /// <summary>Answers every request with a page.</summary>
    private sealed class Portal : Listener
    {
        /// <summary>The frames SETTINGS and GOAWAY, this one with the error HTTP_1_1_REQUIRED.</summary>
        private static readonly byte[] RefusalOfHttp2 =
            [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];

        protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
        {
            var stream = client.GetStream();
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer, stop) is > 0 and var length)
            {
                // A server of HTTP/1.1 refuses the preface of HTTP/2 by the frame that asks for HTTP/1.1.
                if (buffer.AsSpan(0, length).StartsWith("PRI "u8))
                {
                    await stream.WriteAsync(RefusalOfHttp2, stop);
                    return;
                }
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<h1>Hi</h1>\n"),
                    stop);
            }
        }
    }

    /// <summary>A server on loopback.</summary>
    private abstract class Listener : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;

        protected Listener()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _stop.Dispose();
        }

        protected abstract Task ServeAsync(TcpClient client, CancellationToken stop);

        private async Task AcceptAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private async Task CarryAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    await ServeAsync(client, _stop.Token);
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException
                    or System.Security.Authentication.AuthenticationException)
                {
                    return;
                }
            }
        }
    }
}
