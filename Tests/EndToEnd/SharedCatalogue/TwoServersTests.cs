using System.Globalization;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>Two servers on one PostgreSQL and one folder of objects, killed again and again under load.</summary>
public sealed class TwoServersTests : IAsyncLifetime
{
    private const int Devices = 2;

    /// <summary>More tries than a publisher needs while one server is always there.</summary>
    private const int MaxTries = 5;

    private static readonly TimeSpan Load = TimeSpan.FromSeconds(Rounds.Of(12));

    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private readonly List<SharedServer> _servers = [];
    private readonly Dictionary<string, string?> _publisher = [];
    private PostgresCluster _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresCluster.StartAsync();
        string[] settings =
        [
            $"Catalogue:Postgres={await _database.CreateDatabaseAsync()}", $"Objects:Folder={_folder["objects"]}",
        ];
        foreach (var name in new[] { "a", "b" })
            _servers.Add(await SharedServer.StartAsync(_folder[name], settings));
        _publisher["OTA_SERVER"] = _servers[0].Url;
        _publisher["OTA_TOKEN"] = $"@{_servers[0].Process.Data}/admin.token";
        (await AdminAsync("keys", "init", "--out", _folder["keys"])).Succeeded();
        (await AdminAsync("products", "create", "app", "--root", _folder["keys/root.json"])).Succeeded();
        (await AdminAsync([
            "products", "servers", "app", .. _servers.Select(server => server.Url), "--keys", _folder["keys"],
        ])).Succeeded();
        (await AdminAsync("products", "root", "app", "--root", _folder["keys/root.json"])).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact, Trait("Category", "Random")]
    public async Task Servers_that_are_killed_under_load_cost_no_publish_and_break_no_install()
    {
        var token = _folder["install.token"];
        await File.WriteAllTextAsync(token, (await AdminAsync(
            "tokens", "create", "--role", "install", "--product", "app", "--channel", "stable", "--root",
            _folder["keys/root.json"], "--expires", "never", "--uses", "unlimited")).Succeeded().Out.Trim());
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var newest = await PublishAsync(0);
        for (var device = 0; device < Devices; device++)
        {
            (await AgentAsync(
                device, "install", "app", "--server", _servers[device % 2].Url, "--install-token", $"@{token}",
                "--platform", "linux-x64")).Succeeded();
        }

        using var end = new CancellationTokenSource(Load);
        var upgrades = Enumerable.Range(0, Devices).Select(device => UpgradeUntilAsync(device, end.Token)).ToArray();
        var kills = KillUntilAsync(end.Token);
        var releases = 1;
        while (!end.IsCancellationRequested)
            newest = await PublishAsync(releases++);
        await Task.WhenAll(upgrades);
        await kills;

        for (var device = 0; device < Devices; device++)
        {
            (await AgentAsync(device, "upgrade", "app")).Succeeded();
            SampleTree.AssertSame(newest, Path.Combine(HomeOf(device), "app", "current"));
            (await AgentAsync(device, "verify", "app")).Succeeded();
        }

        Assert.True(releases > 2, "releases were published under load");
        Assert.True(await kills > 1, "servers were killed under load");
    }

    [Fact]
    public async Task What_one_server_was_told_the_other_knows()
    {
        var tree = await PublishAsync(0);
        var other = _servers[1].Url;

        Assert.Contains(
            "1.0.0", (await AdminAsync("channels", "app", "--server", other)).Succeeded().Out,
            StringComparison.Ordinal);
        // Every byte is there: the second server needs none of them.
        var again = (await AdminAsync(
            "publish", tree, "--product", "app", "--version", "1.0.0", "--platform", "linux-x64", "--channel", "stable",
            "--keys", _folder["keys"], "--json", "--server", other)).Succeeded();
        Assert.True(again.Json.GetProperty("already_published").GetBoolean());
    }

    /// <summary>Publishes a revision, to one server after the other until one accepts it.</summary>
    private async Task<string> PublishAsync(int revision)
    {
        var tree = SampleTree.Write(_folder[$"tree{revision}"], revision);
        for (var tries = 1; ; tries++)
        {
            var run = await AdminAsync(
                "publish", tree, "--product", "app", "--version",
                string.Create(CultureInfo.InvariantCulture, $"1.0.{revision}"), "--platform", "linux-x64", "--channel",
                "stable", "--keys", _folder["keys"], "--json", "--server", _servers[(revision + tries) % 2].Url);
            if (run.ExitCode == 0)
                return tree;
            Assert.True(tries < MaxTries, $"{run.Out}\n{run.Error}");
        }
    }

    private async Task UpgradeUntilAsync(int device, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await AgentAsync(device, "upgrade", "app");
            // Whatever became of it, a whole release is current.
            (await AgentAsync(device, "verify", "app")).Succeeded();
        }
    }

    private async Task<int> KillUntilAsync(CancellationToken end)
    {
        var kills = 0;
        while (true)
        {
            await Task.Delay(BetweenKills, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
                return kills;
            await _servers[kills++ % 2].KillAndStartAsync();
        }
    }

    private string HomeOf(int device) => _folder[string.Create(CultureInfo.InvariantCulture, $"home{device}")];

    private Task<ProgramRun> AdminAsync(params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(_publisher, Programs.AdminCommand, arguments);

    private Task<ProgramRun> AgentAsync(int device, params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(
            new Dictionary<string, string?> { ["OTA_HOME"] = HomeOf(device) }, Programs.AgentCommand, arguments);
}
