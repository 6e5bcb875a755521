using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>An installation whose store moves while a device follows it.</summary>
public sealed class StoreMigrationTests(RadosgwFixture fixture) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresCluster _database = null!;
    private Rig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresCluster.StartAsync();
        _rig = await Rig.StartAsync();
        await _rig.PublishSampleAsync(0, "1.0.0");
        (await _rig.InstallAsync()).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null) await _rig.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_store_moves_to_PostgreSQL_and_S3_and_back_over_kills()
    {
        var service = await fixture.ServiceAsync();
        string[] shared =
        [
            $"Catalogue:Postgres={await _database.CreateDatabaseAsync()}",
            .. BucketSettings.Of(service.Endpoint, await service.MakeBucketAsync(), _folder["credentials"]),
        ];
        var (data, data2, data3) = (_rig.Server.Data, _folder["data2"], _folder["data3"]);
        string[] there = [data, Write("there.json", [$"Data={data2}", .. shared])];
        string[] back = [data2, Write("back.json", $"Data={data3}")];

        // Objects beside the server, the rest without it.
        var early = (await MigrateAsync(there, ["--objects-only", "--json"])).Succeeded().Json.GetProperty("objects");
        Assert.Equal(early.GetProperty("objects").GetInt64(), early.GetProperty("copied").GetInt64());
        (await MigrateAsync(there)).Refused("IN_USE", 7);
        var second = await _rig.PublishSampleAsync(1, "1.1.0");
        await _rig.Server.StopAsync();
        Assert.NotEqual(0, (await MigrateAsync(there, [], "op=Rename;path=tls.key;mode=kill")).ExitCode);
        var moved = (await MigrateAsync(there, ["--json"])).Succeeded().Json;
        Assert.Equal(0, moved.GetProperty("objects").GetProperty("copied").GetInt64());
        Assert.InRange(
            moved.GetProperty("objects").GetProperty("objects").GetInt64(),
            early.GetProperty("objects").GetInt64() + 1, long.MaxValue);
        Assert.Contains(
            moved.GetProperty("tables").EnumerateArray(), table => table.GetProperty("table").GetString() == "releases"
            && table.GetProperty("rows").GetInt64() == 2);
        Assert.Contains("verified", (await MigrateAsync(there)).Succeeded().Out, StringComparison.Ordinal);

        await _rig.StartServerOnAsync(data2, shared);
        await UpgradesToAsync(second);
        await UpgradesToAsync(await _rig.PublishSampleAsync(2, "1.2.0"));
        Assert.False(Directory.Exists(Path.Combine(data2, "objects")));

        // Another catalogue than the source's is never overwritten.
        await _rig.Server.StopAsync();
        (await MigrateAsync(there)).Refused("IN_USE", 7);

        Assert.NotEqual(0, (await MigrateAsync(back, [], "op=Rename;path=/packs/;mode=kill", shared)).ExitCode);
        Assert.False(File.Exists(Path.Combine(data3, "catalogue.db")));
        Assert.NotEqual(
            0, (await MigrateAsync(back, [], "op=Rename;path=catalogue.db;mode=kill", shared)).ExitCode);
        Assert.False(File.Exists(Path.Combine(data3, "catalogue.db")));
        Assert.NotEqual(
            0, (await MigrateAsync(back, [], "op=Rename;path=catalogue.db;mode=kill-after", shared)).ExitCode);
        (await MigrateAsync(back, [], settings: shared)).Succeeded();

        await _rig.StartServerOnAsync(data3);
        await UpgradesToAsync(await _rig.PublishSampleAsync(3, "1.3.0"));
        (await _rig.AdminAsync("verify", "--full")).Succeeded();
    }

    [Fact]
    public async Task The_catalogue_or_the_objects_move_alone()
    {
        var data = _rig.Server.Data;
        var catalogue = $"Catalogue:Postgres={await _database.CreateDatabaseAsync()}";
        var objects = $"Objects:Folder={_folder["objects"]}";

        await _rig.Server.StopAsync();
        (await MigrateAsync([data, Write("nothing.json")])).Refused("CONFIG_INVALID", 2);
        var first = (await MigrateAsync([data, Write("catalogue.json", catalogue)], ["--json"])).Succeeded().Json;
        Assert.Equal(JsonValueKind.Null, first.GetProperty("objects").ValueKind);
        await _rig.StartServerOnAsync(data, catalogue);
        await UpgradesToAsync(await _rig.PublishSampleAsync(1, "1.1.0"));

        string[] move = [data, Write("objects.json", catalogue, objects)];
        (await MigrateAsync(move, settings: [catalogue])).Refused("IN_USE", 7);
        await _rig.Server.StopAsync();
        var second = (await MigrateAsync(move, ["--json"], settings: [catalogue])).Succeeded().Json;
        Assert.Equal(JsonValueKind.Null, second.GetProperty("tables").ValueKind);
        await _rig.StartServerOnAsync(data, catalogue, objects);
        await UpgradesToAsync(await _rig.PublishSampleAsync(2, "1.2.0"));
    }

    [Fact]
    public async Task Damage_that_nobody_knows_of_stops_the_move_until_the_server_knows_it()
    {
        var data = _rig.Server.Data;
        var pack = Directory.GetFiles(Path.Combine(data, "objects", "packs"), "*", SearchOption.AllDirectories)[0];
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes[20] ^= 1;
        File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(pack, bytes);
        string[] move = [data, Write("moved.json", $"Data={_folder["moved"]}")];

        (await MigrateAsync(move, ["--objects-only"])).Refused("OBJECT_DAMAGED", 8);
        Assert.Equal(8, (await _rig.AdminAsync("verify", "--full")).ExitCode);
        (await MigrateAsync(move, ["--objects-only"])).Succeeded();
        await _rig.Server.StopAsync();
        (await MigrateAsync(move)).Succeeded();

        // The new server knows what is lost, and a publish heals it.
        await _rig.StartServerOnAsync(_folder["moved"]);
        (await _rig.PublishAsync(_rig.PathOf("tree0"), "1.0.1")).Succeeded();
        await UpgradesToAsync(_rig.PathOf("tree0"));
    }

    [Fact]
    public async Task A_store_does_not_move_to_the_objects_of_another_one()
    {
        await (await ServerProcess.StartAsync(_folder["other"], [])).DisposeAsync();

        var run = await MigrateAsync(
            [_rig.Server.Data, Write("other.json", $"Data={_folder["other"]}")], ["--objects-only"]);

        run.Refused("CONFIG_INVALID", 2);
        Assert.Contains("belong to another catalogue", run.Error, StringComparison.Ordinal);
    }

    private static Task<ProgramRun> MigrateAsync(
        string[] fromTo, string[]? options = null, string? fault = null, params string[] settings) =>
        ProgramRun.RunAsync(
            new Dictionary<string, string?> { ["CHUNKOTA_FAULT"] = fault }, "dotnet",
            [
                Programs.Server, "store", "migrate", "--data", fromTo[0], "--to", fromTo[1], .. options ?? [],
                .. settings,
            ]);

    private async Task UpgradesToAsync(string tree)
    {
        (await _rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(tree, _rig.Current);
        (await _rig.AgentAsync("verify", "app")).Succeeded();
    }

    /// <summary>Writes a settings file.</summary>
    private string Write(string name, params string[] settings)
    {
        File.WriteAllText(_folder[name], JsonSerializer.Serialize(
            settings.Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1])));
        return _folder[name];
    }
}
