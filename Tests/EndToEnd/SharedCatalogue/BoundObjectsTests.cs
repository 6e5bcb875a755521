using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>Objects serve one catalogue: a server with another one is refused, and changes nothing.</summary>
public sealed class BoundObjectsTests(RadosgwFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("folder")]
    [InlineData("bucket")]
    public async Task A_second_database_is_refused_and_a_second_server_of_the_first_is_not(string kind)
    {
        await using var database = await PostgresCluster.StartAsync();
        string[] objects = [$"Objects:Folder={_folder["objects"]}"];
        if (kind == "bucket")
        {
            var service = await fixture.ServiceAsync();
            objects = BucketSettings.Of(
                service.Endpoint, await service.MakeBucketAsync(), _folder["credentials"]);
        }

        var first = $"Catalogue:Postgres={await database.CreateDatabaseAsync()}";
        await using var rig = await Rig.StartAsync([first, .. objects]);
        await rig.PublishSampleAsync(0, "1.0.0");

        var refused = await RunAsync(
            _folder["other"], [$"Catalogue:Postgres={await database.CreateDatabaseAsync()}", .. objects]);
        refused.Refused("CONFIG_INVALID", 2);
        Assert.Contains("belong to another catalogue", refused.Error, StringComparison.Ordinal);

        await using (await ServerProcess.StartAsync(_folder["second"], [first, .. objects]))
            (await rig.InstallAsync()).Succeeded();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
    }

    [Fact]
    public async Task An_empty_catalogue_is_refused_with_a_mark_and_without_and_reindex_rebuilds_the_lost_one()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.Server.StopAsync();
        foreach (var file in Directory.GetFiles(rig.Server.Data, "catalogue.db*")) File.Delete(file);

        (await RunAsync(rig.Server.Data)).Refused("CONFIG_INVALID", 2);
        File.Delete(Path.Combine(rig.Server.Data, "objects", "catalogue"));
        (await RunAsync(rig.Server.Data)).Refused("CONFIG_INVALID", 2);
        (await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet",
            [
                Programs.Server, "reindex", "--data", rig.Server.Data, "--root", $"app={rig.Keys}/root.json",
                "--replace",
            ])).Succeeded();
        await rig.StartServerAsync();

        Assert.Contains("1.0.0", (await rig.AdminAsync("releases", "app")).Succeeded().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_mounted_is_not_taken_for_an_empty_store()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.Server.StopAsync();
        var objects = Path.Combine(rig.Server.Data, "objects");
        Directory.Move(objects, _folder["disk"]);

        var refused = await RunAsync(rig.Server.Data);

        refused.Refused("STORE_UNAVAILABLE", 8);
        Assert.Contains("mount the disk", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(objects, "*", SearchOption.AllDirectories));
        Directory.Delete(objects, recursive: true);
        Directory.Move(_folder["disk"], objects);
        await rig.StartServerAsync();
        (await rig.InstallAsync()).Succeeded();
    }

    private static Task<ProgramRun> RunAsync(string data, params string[] settings) => ProgramRun.RunAsync(
        new Dictionary<string, string?>(), "dotnet",
        [
            Programs.Server, "run", "--data", data, "Listen:Tls=off", "Listen:Http=off",
            "Listen:Metrics=off", "Listen:Grpc=127.0.0.1:0", .. settings,
        ]);
}
