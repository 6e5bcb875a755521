using System.Globalization;
using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.Deploying;

/// <summary>The files in deploy/compose and deploy/kubernetes: two real servers run with what they say, on a real
/// PostgreSQL and a real S3 service.</summary>
public sealed class DeployFilesTests(RadosgwFixture fixture) : IAsyncLifetime
{
    private const string Guide = "docs/deploying.md";

    private static readonly Dictionary<string, string?> Inherited = [];

    private readonly TemporaryFolder _folder = new();
    private PostgresCluster _database = null!;
    private Radosgw _objects = null!;

    public async ValueTask InitializeAsync()
    {
        _objects = await fixture.ServiceAsync();
        _database = await PostgresCluster.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("kubernetes")]
    public async Task Two_servers_run_with_what_the_files_say(string folder)
    {
        await MakeSecretsAsync();
        var described = DescribedServers.Read(folder);
        Assert.Equal(2, described.Count);
        var changes = await LoopbackAsync(folder);
        List<ServerProcess> running = [];
        try
        {
            foreach (var server in described)
            {
                var settings = await WriteSettingsAsync(folder, server, changes);
                var check = await RunAsync(
                    "config", "check", "--config", settings, "--data", _folder[server.Name], "--json");
                running.Add(await ServerProcess.StartAsync(_folder[server.Name], "--config", settings));
                await AskAsync(server, running[^1], check.Succeeded().Json.GetProperty("settings"));
            }

            await PublishAndReadAsync(running);
            foreach (var (server, process) in described.Zip(running))
                Assert.Equal(0, await process.StopAsync().WaitAsync(server.Patience));
        }
        finally
        {
            foreach (var process in running) await process.DisposeAsync();
        }
    }

    /// <summary>As the guide makes them, with the key that the tests' S3 service knows.</summary>
    private async Task MakeSecretsAsync()
    {
        await File.WriteAllTextAsync(
            _folder["secrets.sh"], $"set -euo pipefail\ncd '{_folder.Path}'\n{DocBlock.Read(Guide, "secrets")}");
        (await ProgramRun.RunAsync(Inherited, "bash", _folder["secrets.sh"])).Succeeded();
        var key = (await File.ReadAllTextAsync(_folder["secrets/s3.user"])).Trim();
        var secret = (await File.ReadAllTextAsync(_folder["secrets/s3.password"])).Trim();
        var credentials = await File.ReadAllTextAsync(_folder["secrets/s3.credentials"]);
        await File.WriteAllTextAsync(
            _folder["secrets/s3.credentials"],
            Replace(Replace(credentials, key, Radosgw.AccessKey), secret, Radosgw.SecretKey));
    }

    /// <summary>What is another on loopback: addresses, and the names of database and bucket, which tests
    /// share.</summary>
    private async Task<IReadOnlyList<(string From, string To)>> LoopbackAsync(string folder)
    {
        Assert.Superset(new HashSet<string> { "postgres", "s3" }, DescribedServers.HostNames(folder).ToHashSet());
        var database = (await _database.CreateDatabaseAsync()).Split(';');
        return
        [
            ("Host=postgres;", $"{database[0]};{database[1]};"), ("Database=chunkota;", $"{database[2]};"),
            ("http://s3:9000", _objects.Endpoint.ToString().TrimEnd('/')),
            ("\"releases\"", $"\"{await _objects.MakeBucketAsync()}\""),
        ];
    }

    /// <summary>Writes the settings of a server, with the files that it sees where they are here.</summary>
    private async Task<string> WriteSettingsAsync(
        string folder, DescribedServer server, IReadOnlyList<(string From, string To)> changes)
    {
        Assert.Equal(
            ["run", "--data", "/var/lib/chunkota", "--config", "/etc/chunkota/server.json"], server.Arguments);
        var text = await File.ReadAllTextAsync(
            Repository.PathOf($"deploy/{folder}/{server.Files["/etc/chunkota/server.json"]}"));
        foreach (var (from, to) in changes)
            text = Replace(text, from, to);
        foreach (var (container, here) in server.Files.Where(file => file.Key != "/etc/chunkota/server.json"))
            text = Replace(text, $"\"{container}\"", $"\"{_folder[here]}\"");
        Assert.DoesNotContain("/run/", text, StringComparison.Ordinal);
        var settings = _folder[$"{server.Name}.json"];
        await File.WriteAllTextAsync(settings, text);
        return settings;
    }

    /// <summary>Asks a server's probes and its metrics, at the ports that its settings open.</summary>
    private async Task AskAsync(DescribedServer server, ServerProcess process, JsonElement settings)
    {
        using var handler = new HttpClientHandler
        {
            // As a kubelet does.
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
        using var http = new HttpClient(handler);
        var ports = new Dictionary<string, Uri>
        {
            [settings.GetProperty("Listen:Tls").GetString()!] = process.Tls,
            [settings.GetProperty("Listen:Metrics").GetString()!] = process.Metrics!,
        };
        // A container's own loopback is reached by nobody else.
        Assert.Equal(server.Ports.Select(port => $"0.0.0.0:{port}").Order(), ports.Keys.Order());
        Assert.NotEmpty(server.Probes);
        foreach (var probe in server.Probes)
        {
            if (probe.Command.Count == 0)
            {
                Assert.Equal("ok\n", await http.GetStringAsync(new Uri(ports[$"0.0.0.0:{probe.Port}"], probe.Path)));
                continue;
            }

            Assert.Equal(["health", .. server.Arguments.Skip(1)], probe.Command);
            (await RunAsync(
                "health", "--config", _folder[$"{server.Name}.json"], "--data", _folder[server.Name],
                $"Listen:Http={process.Http.Authority}")).Succeeded();
        }

        Assert.Contains(
            "chunkota_", await http.GetStringAsync(new Uri(process.Metrics!, "/metrics")), StringComparison.Ordinal);
    }

    /// <summary>What is published at one server is current at the other one; both have the guide's
    /// certificate.</summary>
    private async Task PublishAndReadAsync(List<ServerProcess> servers)
    {
        var keys = _folder["keys"];
        var tree = SampleTree.Write(_folder["tree"], 0);
        (await AdminAsync(0, "keys", "init", "--out", keys)).Succeeded();
        (await AdminAsync(0, "products", "create", "app", "--root", $"{keys}/root.json")).Succeeded();
        (await AdminAsync(
            0, "publish", tree, "--product", "app", "--version", "1.0.0", "--platform", "any", "--channel", "stable",
            "--keys", keys)).Succeeded();
        Assert.Contains(
            "1.0.0", (await AdminAsync(1, "channels", "app")).Succeeded().Out, StringComparison.Ordinal);

        Task<ProgramRun> AdminAsync(int server, params string[] arguments) => ProgramRun.RunAsync(
            new Dictionary<string, string?>
            {
                ["OTA_SERVER"] = string.Create(
                    CultureInfo.InvariantCulture, $"https://localhost:{servers[server].Tls.Port}"),
                ["OTA_TOKEN"] = $"@{servers[0].Data}/admin.token",
                ["OTA_CA"] = _folder["secrets/tls.crt"],
            },
            Programs.AdminCommand, arguments);
    }

    private static Task<ProgramRun> RunAsync(params string[] arguments) =>
        ProgramRun.RunAsync(Inherited, "dotnet", [Programs.Server, .. arguments]);

    private static string Replace(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }
}
