using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Backups of a server with PostgreSQL and a bucket, by its own timer, into a bucket.</summary>
public sealed class BackupPlacesTests(RadosgwFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_backs_itself_up_into_a_bucket_and_comes_back_in_a_new_database()
    {
        var service = await fixture.ServiceAsync();
        var bucket = await service.MakeBucketAsync();
        string[] objects = BucketSettings.Of(service.Endpoint, bucket, _folder["credentials"]);
        string[] backups = BucketSettings.OfBackups(service.Endpoint, bucket, _folder["credentials"]);
        await using var cluster = await PostgresCluster.StartAsync();
        var database = await cluster.CreateDatabaseAsync();
        string[] settings = [$"Catalogue:Postgres={database}", .. objects, .. backups];
        await using var rig = await Rig.StartAsync(settings);
        _ = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.StartServerAsync(rig.PathOf("data"), [.. settings, "Backup:EveryHours=24", "Backup:Keep=2"]);
        await rig.Server.WaitForLogAsync(" made: ");
        await rig.Server.StopAsync();

        // Another database and an empty data folder: the objects stay where they are.
        var empty = $"Catalogue:Postgres={await cluster.CreateDatabaseAsync()}";
        string[] place = ["--data", rig.PathOf("new"), empty, .. objects, .. backups];
        Assert.Single((await ServerAsync(["backup", "list", "--json", .. place])).Succeeded()
            .Json.GetProperty("backups").EnumerateArray());
        // Not beside a server, and not over what it has begun.
        var taken = $"Catalogue:Postgres={await cluster.CreateDatabaseAsync()}";
        string[] takenPlace = ["--data", rig.PathOf("taken"), taken, .. objects, .. backups];
        await using (var server = await ServerProcess.StartAsync(rig.PathOf("server"), taken))
        {
            var refused = await ServerAsync(["restore", "--json", .. takenPlace]);
            Assert.Equal("IN_USE", refused.Code);
            await server.StopAsync();
        }

        Assert.Equal("IN_USE", (await ServerAsync(["restore", "--json", .. takenPlace])).Code);
        (await ServerAsync(["restore", .. place])).Succeeded();
        Assert.Equal("IN_USE", (await ServerAsync(["restore", "--json", .. place])).Code);
        (await ServerAsync(["backup", "verify", .. place])).Succeeded();

        // And into SQLite and a folder.
        string[] other = ["--data", rig.PathOf("other"), .. backups];
        (await ServerAsync(["restore", .. other])).Succeeded();
        await rig.StartServerAsync(rig.PathOf("other"));
        var next = SampleTree.Write(rig.PathOf("next"), 1);
        (await rig.PublishAsync(next, "1.1.0", "--after-restore")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(next, rig.Current);
    }

    private static Task<ProgramRun> ServerAsync(params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(new Dictionary<string, string?>(), "dotnet", [Programs.Server, .. arguments]);
}
