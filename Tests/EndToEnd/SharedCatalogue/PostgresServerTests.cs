using System.Net;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>The main job, on a server whose catalogue is in a real PostgreSQL.</summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task Releases_are_published_installed_and_upgraded_over_the_death_of_the_database()
    {
        await using var database = await PostgresCluster.StartAsync();
        var setting = $"Catalogue:Postgres={await database.CreateDatabaseAsync()}";
        await using var rig = await Rig.StartAsync(setting);
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(first, rig.Current);

        await database.KillAsync();
        (await rig.AdminAsync("channels", "app")).Refused("STORE_UNAVAILABLE", 8);
        using var http = new HttpClient();
        using (var unready = await http.GetAsync(new Uri(rig.Server.Http, "/readyz")))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        await database.StartAgainAsync();

        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri(rig.Server.Http, "/readyz")));
        Assert.False(File.Exists(Path.Combine(rig.Server.Data, "catalogue.db")));

        (await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet",
            [Programs.Server, "token", "--data", rig.Server.Data, setting])).Succeeded();
        await rig.StartServerAsync();
        Assert.Contains("1.1.0", (await rig.AdminAsync("channels", "app")).Succeeded().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_database_does_not_answer_says_so_and_ends()
    {
        using var folder = new TemporaryFolder();

        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet",
            [
                Programs.Server, "run", "--data", folder["data"], "Listen:Tls=off", "Listen:Http=off",
                "Listen:Grpc=127.0.0.1:0", "Catalogue:Postgres=Host=127.0.0.1;Port=1;Database=none;Username=nobody",
            ]);

        run.Refused("STORE_UNAVAILABLE", 8);
        Assert.Contains("127.0.0.1:1/none", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_of_the_settings_connects_to_the_database_and_changes_nothing()
    {
        await using var database = await PostgresCluster.StartAsync();
        var (ours, theirs) = (await database.CreateDatabaseAsync(), await database.CreateDatabaseAsync());
        await database.RunSqlAsync(theirs, "CREATE TABLE theirs (a int)");

        (await CheckAsync(ours)).Succeeded();
        (await CheckAsync(theirs)).Refused("STORE_UNAVAILABLE", 8);
        Assert.Equal("0", await database.RunSqlAsync(
            ours, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));

        static Task<ProgramRun> CheckAsync(string database) => ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet",
            [Programs.Server, "config", "check", "--data", "unused", $"Catalogue:Postgres={database}"]);
    }
}
