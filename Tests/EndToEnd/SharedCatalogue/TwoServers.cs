using System.Globalization;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>Two real servers on one real PostgreSQL and the same objects, with a publisher of some products and a
/// device for each of them; and what happens to them at once.</summary>
internal sealed class TwoServers : IAsyncDisposable
{
    /// <summary>More tries than a publisher needs while one server is always there.</summary>
    private const int MaxTries = 5;

    private readonly TemporaryFolder _folder;
    private readonly List<SharedServer> _servers = [];
    private readonly Dictionary<string, string?> _publisher = [];
    private readonly List<string> _products = [];
    private PostgresCluster _database = null!;
    private string _connection = "";

    private TwoServers(TemporaryFolder folder) => _folder = folder;

    public IReadOnlyList<SharedServer> Servers => _servers;

    /// <summary>Starts the servers.</summary>
    /// <param name="folder">The test's, which it keeps.</param>
    /// <param name="settings">Of both servers, beside the catalogue.</param>
    public static async Task<TwoServers> StartAsync(TemporaryFolder folder, params string[] settings)
    {
        var rig = new TwoServers(folder);
        try
        {
            rig._database = await PostgresCluster.StartAsync();
            rig._connection = await rig._database.CreateDatabaseAsync();
            string[] all = [$"Catalogue:Postgres={rig._connection}", .. settings];
            foreach (var name in new[] { "a", "b" })
                rig._servers.Add(await SharedServer.StartAsync(folder[name], all));
            rig._publisher["OTA_SERVER"] = rig._servers[0].Url;
            rig._publisher["OTA_TOKEN"] = $"@{rig._servers[0].Process.Data}/admin.token";
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a product that names both servers, with a first release, and installs it on a device.</summary>
    public async Task AddProductAsync(string product)
    {
        var keys = KeysOf(product);
        (await AdminAsync("keys", "init", "--out", keys)).Succeeded();
        (await AdminAsync("products", "create", product, "--root", $"{keys}/root.json")).Succeeded();
        (await AdminAsync([
            "products", "servers", product, .. _servers.Select(server => server.Url), "--keys", keys,
        ])).Succeeded();
        (await AdminAsync("products", "root", product, "--root", $"{keys}/root.json")).Succeeded();
        var token = _folder[$"{product}.token"];
        await File.WriteAllTextAsync(token, (await AdminAsync(
            "tokens", "create", "--role", "install", "--product", product, "--channel", "stable", "--root",
            $"{keys}/root.json", "--expires", "never", "--uses", "unlimited")).Succeeded().Out.Trim());
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _ = await PublishAsync(product, 0);
        (await AgentAsync(
            product, "install", product, "--server", _servers[_products.Count % 2].Url, "--install-token", $"@{token}",
            "--platform", "linux-x64")).Succeeded();
        _products.Add(product);
    }

    /// <summary>Publishes and upgrades all products at once while servers are killed, until a time is over; then every
    /// device gets the newest release.</summary>
    /// <param name="load">How long.</param>
    /// <param name="random">Says which server is killed, and when.</param>
    /// <param name="betweenKills">The pause after a server has started, at most.</param>
    /// <returns>Releases that were published, and servers that were killed.</returns>
    public async Task<(int Releases, int Kills)> RunAsync(TimeSpan load, Random random, TimeSpan betweenKills)
    {
        using var end = new CancellationTokenSource(load);
        var kills = KillUntilAsync(random, betweenKills, end.Token);
        var upgrades = _products.Select(product => UpgradeUntilAsync(product, end.Token)).ToList();
        var publishes = _products.Select(product => PublishUntilAsync(product, end.Token)).ToList();
        await Task.WhenAll([.. upgrades, .. publishes, kills]);
        foreach (var (product, publish) in _products.Zip(publishes))
        {
            (await AgentAsync(product, "upgrade", product)).Succeeded();
            SampleTree.AssertSame(TreeOf(product, await publish), Path.Combine(HomeOf(product), product, "current"));
            (await AgentAsync(product, "verify", product)).Succeeded();
        }

        return ((await Task.WhenAll(publishes)).Sum(), await kills);
    }

    /// <summary>Publishes a revision, to one server after the other until one accepts it.</summary>
    /// <returns>The tree.</returns>
    public async Task<string> PublishAsync(string product, int revision)
    {
        var tree = SampleTree.Write(TreeOf(product, revision), revision);
        for (var tries = 1; ; tries++)
        {
            var run = await AdminAsync(
                "publish", tree, "--product", product, "--version",
                string.Create(CultureInfo.InvariantCulture, $"1.0.{revision}"), "--platform", "linux-x64", "--channel",
                "stable", "--keys", KeysOf(product), "--json", "--server", _servers[(revision + tries) % 2].Url);
            if (run.ExitCode == 0)
                return tree;
            Assert.True(tries < MaxTries, $"{run.Out}\n{run.Error}");
        }
    }

    /// <summary>Runs ota-admin with the first server's address, unless the arguments name another one.</summary>
    public Task<ProgramRun> AdminAsync(params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(_publisher, Programs.AdminCommand, arguments);

    /// <summary>Runs a statement in the catalogue.</summary>
    public Task<string> RunSqlAsync(string sql) => _database.RunSqlAsync(_connection, sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    private async Task<int> PublishUntilAsync(string product, CancellationToken end)
    {
        var revision = 0;
        while (!end.IsCancellationRequested)
            _ = await PublishAsync(product, ++revision);
        return revision;
    }

    private async Task UpgradeUntilAsync(string product, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await AgentAsync(product, "upgrade", product);
            // Whatever became of it, a whole release is current.
            (await AgentAsync(product, "verify", product)).Succeeded();
        }
    }

    private async Task<int> KillUntilAsync(Random random, TimeSpan betweenKills, CancellationToken end)
    {
        var kills = 0;
        while (true)
        {
            await Task.Delay(betweenKills * random.NextDouble(), end)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
                return kills;
            await _servers[random.Next(_servers.Count)].KillAndStartAsync();
            kills++;
        }
    }

    private string TreeOf(string product, int revision) =>
        _folder[string.Create(CultureInfo.InvariantCulture, $"{product}-{revision}")];

    private string KeysOf(string product) => _folder[$"{product}-keys"];

    private string HomeOf(string product) => _folder[$"{product}-home"];

    private Task<ProgramRun> AgentAsync(string product, params IEnumerable<string> arguments) => ProgramRun.RunAsync(
        new Dictionary<string, string?> { ["OTA_HOME"] = HomeOf(product) }, Programs.AgentCommand, arguments);
}
