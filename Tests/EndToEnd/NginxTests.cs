using System.Net;
using System.Net.Sockets;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The block that docs/server.md prints for nginx, in a real nginx.</summary>
public sealed class NginxTests : IAsyncDisposable
{
    private const string Live = "/etc/letsencrypt/live/updates.example.com";

    private const string DefaultKey = "ec -pkeyopt ec_paramgen_curve:P-256";

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private Rig? _rig;
    private OwnedProcess? _nginx;

    private string Url => $"https://localhost:{_port}";

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await _nginx.SignalAsync("QUIT");
            await ProgramRun.FinishAsync(_nginx);
            _nginx.Dispose();
        }

        if (_rig is not null) await _rig.DisposeAsync();
        _folder.Dispose();
    }

    [FactIfInstalled("nginx openssl")]
    public async Task Publish_install_and_upgrade_work_through_the_printed_block()
    {
        await StartAsync("");

        await PublishAsync(1, "1.0.0");
        (await InstallAsync()).Succeeded();
        await PublishAsync(2, "1.1.0");
        (await _rig!.AgentAsync("upgrade", "app")).Succeeded();

        Assert.EndsWith("1.1.0", new FileInfo(_rig.Current).LinkTarget!, StringComparison.Ordinal);
        using var http = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri($"{Url}/readyz")));
        // The log has the address that trusted proxies forward; this test is one, as it calls from nginx's own address.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{Url}/v1/manifests/x"));
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        using (await http.SendAsync(request)) { }
        Assert.Contains(
            "from 203.0.113.9 refused", await _rig.Server.WaitForLogAsync("/v1/manifests/x"), StringComparison.Ordinal);
    }

    [FactIfInstalled("nginx openssl")]
    public async Task Connections_that_nginx_ends_again_and_again_cost_nothing()
    {
        await StartAsync("keepalive_requests 2;");

        await PublishAsync(1, "1.0.0");
        (await InstallAsync()).Succeeded();
        var publish = PublishAsync(2, "1.1.0");
        await _nginx!.SignalAsync("HUP");
        await publish;
        (await _rig!.AgentAsync("upgrade", "app")).Succeeded();
    }

    /// <summary>What a static program is linked with verifies as much as the OpenSSL of a distribution does.</summary>
    [TheoryIfInstalled("nginx openssl")]
    [InlineData("rsa:2048", "TLSv1.2")]
    [InlineData("rsa:3072", "TLSv1.3")]
    [InlineData(DefaultKey, "TLSv1.2")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-384", "TLSv1.3")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-521", "TLSv1.2")]
    [InlineData("ed25519", "TLSv1.3")]
    public async Task Certificates_are_verified_whatever_the_kind_of_key_and_version_of_TLS(string key, string protocol)
    {
        await StartAsync($"ssl_protocols {protocol};", key);

        await PublishAsync(1, "1.0.0");
        await MakeAuthorityAsync("other", key);
        (await InstallAsync("other")).Refused("TLS_REFUSED", 5);
        (await InstallAsync()).Succeeded();
    }

    private Task MakeAuthorityAsync(string name, string key) =>
        MakeCertificateAsync(name, key, "-subj", "/CN=authority");

    /// <summary>Makes the file of the certificate, and that of its key: its name with <c>.key</c>.</summary>
    private async Task MakeCertificateAsync(string name, string key, params string[] more) =>
        (await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "openssl",
            [
                "req", "-x509", "-newkey", .. key.Split(' '), "-nodes", "-keyout", _folder[$"{name}.key"], "-out",
                _folder[name], "-days", "2", .. more,
            ])).Succeeded();

    private async Task StartAsync(string more, string key = DefaultKey)
    {
        _rig = await Rig.StartAsync($"Listen:PublicNames:0=localhost:{_port}", "Listen:TrustedProxies:0=127.0.0.1");
        await MakeAuthorityAsync("ca", key);
        await MakeCertificateAsync(
            "crt", key, "-CA", _folder["ca"], "-CAkey", _folder["ca.key"], "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost");
        var block = DocBlock.Read("docs/server.md", "nginx")
            .Replace("listen 443 ssl", $"listen 127.0.0.1:{_port} ssl", StringComparison.Ordinal)
            .Replace("server_name updates.example.com;", $"server_name localhost; {more}", StringComparison.Ordinal)
            .Replace($"{Live}/fullchain.pem", _folder["crt"], StringComparison.Ordinal)
            .Replace($"{Live}/privkey.pem", _folder["crt.key"], StringComparison.Ordinal)
            .Replace("127.0.0.1:7080", _rig.Server.Grpc.Authority, StringComparison.Ordinal)
            .Replace("127.0.0.1:7081", _rig.Server.Http.Authority, StringComparison.Ordinal);
        var folders = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }
            .Select(kind => $"{kind}_temp_path {_folder[kind]};\n"));
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        await File.WriteAllTextAsync(_folder["nginx.conf"], $$"""
            daemon off; worker_processes 1; pid {{_folder["pid"]}}; error_log {{_folder["errors"]}}; {{user}}
            events { worker_connections 256; }
            http {
            access_log off;
            {{folders}}
            {{block}}
            }
            """);
        _nginx = ProgramRun.Start(
            new Dictionary<string, string?>(), "nginx", "-c", _folder["nginx.conf"], "-p", _folder.Path);
        await Eventually.Async("nginx listening", () => Task.FromResult(Listens()), listens => listens);
    }

    private bool Listens()
    {
        if (_nginx!.HasExited) Assert.Fail($"nginx ended: {_nginx.StandardError.ReadToEnd()}");
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task PublishAsync(int revision, string version)
    {
        var tree = SampleTree.Write(_rig!.PathOf($"tree{revision}"), revision);
        (await _rig.PublishAsync(tree, version, "--server", Url, "--ca", _folder["ca"])).Succeeded();
    }

    private Task<ProgramRun> InstallAsync(string authority = "ca") => _rig!.AgentAsync(
        "install", "app", "--server", Url, "--ca", _folder[authority], "--install-token", $"@{_rig.TokenFile}",
        "--platform", _rig.Platform);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
