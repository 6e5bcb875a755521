using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server whose catalogue is lost: it is rebuilt from the objects, and devices go on upgrading.</summary>
public sealed class ReindexTests(RadosgwFixture fixture)
{
    [Fact]
    public async Task A_catalogue_in_the_data_folder_is_rebuilt_with_its_channels_and_devices_go_on()
    {
        await using var rig = await Rig.StartAsync();
        var released = await PublishAllAsync(rig);
        await rig.Server.StopAsync();
        foreach (var file in Directory.GetFiles(rig.Server.Data, "catalogue.db*")) File.Delete(file);

        var rebuilt = (await ReindexAsync(rig)).Succeeded().Json;
        var again = await ReindexAsync(rig);

        Assert.Equal("IN_USE", again.Code);
        await AssertGoesOnAsync(rig, rebuilt, released);
    }

    [Fact]
    public async Task A_catalogue_in_PostgreSQL_is_rebuilt_from_a_bucket_and_devices_go_on()
    {
        using var folder = new TemporaryFolder();
        await using var database = await PostgresCluster.StartAsync();
        var service = await fixture.ServiceAsync();
        var connection = await database.CreateDatabaseAsync();
        string[] settings =
        [
            $"Catalogue:Postgres={connection}",
            .. BucketSettings.Of(service.Endpoint, await service.MakeBucketAsync(), folder["credentials"]),
        ];
        await using var rig = await Rig.StartAsync(settings);
        var released = await PublishAllAsync(rig);
        await rig.Server.StopAsync();
        (await ReindexAsync(rig, settings)).Refused("IN_USE", 7);
        await database.RunSqlAsync(connection, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");

        var rebuilt = (await ReindexAsync(rig, settings)).Succeeded().Json;

        await AssertGoesOnAsync(rig, rebuilt, released);
    }

    [Fact]
    public async Task A_server_refuses_a_database_whose_catalogue_is_being_rebuilt()
    {
        await using var database = await PostgresCluster.StartAsync();
        var connection = await database.CreateDatabaseAsync();
        await using var rig = await Rig.StartAsync($"Catalogue:Postgres={connection}");
        await rig.Server.StopAsync();
        await database.RunSqlAsync(connection, "CREATE TABLE chunkota_rebuilding (since TIMESTAMPTZ)");

        var run = await ServerAsync("config", "check", "--data", rig.Server.Data, $"Catalogue:Postgres={connection}");

        run.Refused("STORE_UNAVAILABLE", 8);
        Assert.Contains("ota-server reindex", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_that_are_lost_or_rotten_are_made_again_from_the_catalogue()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        var documents = Documents(rig);
        var before = documents.ToDictionary(file => file, File.ReadAllBytes);
        Assert.Equal(2, documents.Length);
        File.Delete(documents[0]);
        File.SetUnixFileMode(documents[1], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(documents[1], "rotten");

        (await rig.AdminAsync("verify")).Succeeded();

        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.Contains(" warn 4088 ", rig.Server.Log, StringComparison.Ordinal);
        await rig.RestartServerAfterAsync(_ => File.Delete(documents[0]));
        await Eventually.Async("the copy", () => Task.FromResult(File.Exists(documents[0])), isThere => isThere);
        // The pointer is replaced; its copy goes with the next collection.
        await rig.PublishSampleAsync(1, "1.1.0");
        Assert.Equal(3, Documents(rig).Length);
        (await rig.AdminAsync("gc")).Succeeded();
        Assert.Equal(2, Documents(rig).Length);
    }

    /// <summary>Two channels, a held release, and a device at the first release.</summary>
    private static async Task<(string First, string Second)> PublishAllAsync(Rig rig)
    {
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        (await rig.AdminAsync(
            "promote", "app", "1.0.0", "--platform", rig.Platform, "--to", "beta", "--create-channel", "--keys",
            rig.Keys)).Succeeded();
        (await rig.AdminAsync(
            "channels", "renew", "app", "stable", "--platform", rig.Platform, "--keys", rig.Keys)).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var held = SampleTree.Write(rig.PathOf("held"), 2);
        (await rig.AdminAsync(
            "publish", held, "--product", "app", "--version", "1.2.0", "--platform", rig.Platform,
            "--channel", "stable", "--hold", "--keys", rig.Keys)).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        return (first, second);
    }

    private static async Task AssertGoesOnAsync(Rig rig, JsonElement rebuilt, (string First, string Second) released)
    {
        Assert.Equal(3, rebuilt.GetProperty("releases").GetInt32());
        Assert.Equal(1, rebuilt.GetProperty("products").GetInt32());
        Assert.Empty(rebuilt.GetProperty("left_out").EnumerateArray());
        Assert.Empty(rebuilt.GetProperty("damaged").EnumerateArray());
        Assert.Contains("tokens", rebuilt.GetProperty("not_rebuilt").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(
            [("beta", 1, "1.0.0"), ("stable", 3, "1.1.0")],
            rebuilt.GetProperty("channels").EnumerateArray().Select(channel => (
                channel.GetProperty("channel").GetString()!, channel.GetProperty("seq").GetInt32(),
                channel.GetProperty("version").GetString()!)));

        await rig.StartServerAsync();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        await File.WriteAllTextAsync(rig.TokenFile, await rig.InstallTokenAsync());
        (await rig.AgentAsync("trust", "app", "--install-token", $"@{rig.TokenFile}")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(released.Second, rig.Current);

        var third = await rig.PublishSampleAsync(3, "1.3.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(third, rig.Current);
        (await rig.AdminAsync(
            "promote", "app", "1.2.0", "--platform", rig.Platform, "--to", "beta", "--keys", rig.Keys)).Succeeded();
    }

    private static Task<ProgramRun> ReindexAsync(Rig rig, params string[] settings) =>
        ServerAsync(["reindex", "--data", rig.Server.Data, "--json", .. settings]);

    private static Task<ProgramRun> ServerAsync(params string[] arguments) =>
        ProgramRun.RunAsync(new Dictionary<string, string?>(), "dotnet", [Programs.Server, .. arguments]);

    private static string[] Documents(Rig rig) => [.. Directory.GetFiles(
        Path.Combine(rig.Server.Data, "objects", "documents"), "*", SearchOption.AllDirectories).Order()];
}
