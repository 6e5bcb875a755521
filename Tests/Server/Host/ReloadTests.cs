using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server;

/// <summary>SIGHUP, and what the log says of certificates that expire.</summary>
public sealed class ReloadTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_renewed_certificate_is_served_after_a_hangup_and_a_bad_one_is_refused()
    {
        var first = WriteCertificate(years: 1);
        _server = await StartAsync();
        Assert.Equal(first, await ServedAsync());

        var second = WriteCertificate(years: 1);
        Assert.Equal(first, await ServedAsync());
        await _server.SignalAsync("HUP");
        await _server.WaitForLogAsync("new TLS certificate: serial");
        Assert.Equal(second, await ServedAsync());

        await File.WriteAllTextAsync(_folder["c"], "rubbish");
        await _server.SignalAsync("HUP");
        var refused = await _server.WaitForLogAsync("reload refused");
        Assert.Contains("Tls:Certificate and Tls:Key cannot be used", refused, StringComparison.Ordinal);
        Assert.Equal(second, await ServedAsync());
    }

    [Theory]
    [InlineData(-400, "the TLS certificate expired at")]
    [InlineData(-360, "the TLS certificate expires at")]
    public async Task A_certificate_that_expires_is_told_at_the_start(int startedDays, string expected)
    {
        WriteCertificate(years: 1, startedDays);

        _server = await StartAsync();

        Assert.Contains(" warn ", await _server.WaitForLogAsync(expected), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_come_to_its_end_is_told_at_a_hangup()
    {
        WriteCertificate(years: 1);
        _server = await StartAsync();
        Assert.DoesNotContain("the TLS certificate", _server.Log, StringComparison.Ordinal);

        await _server.AdvanceClockAsync(TimeSpan.FromDays(360));
        await _server.SignalAsync("HUP");

        await _server.WaitForLogAsync("the TLS certificate expires at");
    }

    [Fact]
    public async Task The_log_level_follows_the_settings_file()
    {
        await File.WriteAllTextAsync(_folder["s.json"], """{ "Log": { "Level": "Error" } }""");
        using var http = new HttpClient();
        _server = await ServerProcess.StartAsync(_folder["data"], "--config", _folder["s.json"]);
        using (await http.GetAsync(new Uri(_server.Http, "v1/manifests/first"))) { }

        await File.WriteAllTextAsync(_folder["s.json"], """{ "Log": { "Level": "Information" } }""");
        await _server.SignalAsync("HUP");
        await _server.WaitForLogAsync("reloaded; log level Information");
        using (await http.GetAsync(new Uri(_server.Http, "v1/manifests/second"))) { }

        await _server.WaitForLogAsync("manifests/second");
        Assert.DoesNotContain("manifests/first", _server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_can_be_json()
    {
        _server = await ServerProcess.StartAsync(_folder["data"], "Log:Format=json");

        using var line = JsonDocument.Parse(await _server.WaitForLogAsync("the admin token is in"));

        Assert.Equal("Information", line.RootElement.GetProperty("LogLevel").GetString());
        Assert.Equal(4091, line.RootElement.GetProperty("EventId").GetInt32());
        Assert.All(
            _server.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => JsonDocument.Parse(text).Dispose());
    }

    [Fact]
    public async Task The_log_can_carry_the_priorities_of_systemd()
    {
        WriteCertificate(years: 1, startedDays: -400);
        _server = await StartAsync("Log:Format=systemd");

        Assert.StartsWith("<6>", await _server.WaitForLogAsync("the admin token is in"), StringComparison.Ordinal);
        var warning = await _server.WaitForLogAsync("the TLS certificate expired");
        Assert.StartsWith("<4>", warning, StringComparison.Ordinal);
    }

    private Task<ServerProcess> StartAsync(params string[] settings) => ServerProcess.StartAsync(
        _folder["data"], [$"Tls:Certificate={_folder["c"]}", $"Tls:Key={_folder["k"]}", .. settings]);

    /// <summary>Makes a certificate of another key, and returns its serial number.</summary>
    private string WriteCertificate(int years, int startedDays = -1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var from = TimeProvider.System.GetUtcNow().AddDays(startedDays);
        using var certificate = new CertificateRequest("CN=own.example", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(from, from.AddYears(years));
        File.WriteAllText(_folder["k"], key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_folder["c"], certificate.ExportCertificatePem());
        return certificate.SerialNumber;
    }

    private async Task<string> ServedAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server!.Tls.Port);
        await using var tls = new SslStream(
            client.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync("own.example");
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }
}
