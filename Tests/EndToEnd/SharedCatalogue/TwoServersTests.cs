using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>Two servers on one PostgreSQL, with a folder of objects or a bucket, killed again and again under
/// load.</summary>
public sealed partial class TwoServersTests(RadosgwFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Category", "Random")]
    public async Task On_a_folder_kills_under_load_cost_no_publish_and_break_no_install()
    {
        await using var rig = await TwoServers.StartAsync(_folder, $"Objects:Folder={_folder["objects"]}");
        await rig.AddProductAsync("app");

        var (releases, kills) = await rig.RunAsync(
            TimeSpan.FromSeconds(Rounds.Of(12)), Rounds.Random(1), TimeSpan.FromSeconds(2));

        Assert.True(releases > 0, "releases were published under load");
        Assert.True(kills > 1, "servers were killed under load");
    }

    /// <summary>A minute for every commit, ten in the release gate.</summary>
    [Fact, Trait("Category", "Random"), Trait("Category", "Slow")]
    public async Task On_a_bucket_kills_under_load_cost_nothing_that_a_full_verification_could_find()
    {
        var service = await fixture.ServiceAsync();
        var bucket = await service.MakeBucketAsync();
        // The service may take its time: it works for two servers on the same machine.
        await using var rig = await TwoServers.StartAsync(
            _folder,
            [.. BucketSettings.Of(service.Endpoint, bucket, _folder["credentials"]), "Objects:S3:DeadlineSeconds=30"]);
        await rig.AddProductAsync("app");
        await rig.AddProductAsync("tool");

        var (releases, kills) = await rig.RunAsync(
            TimeSpan.FromSeconds(Rounds.Of(60)), Rounds.Random(2), TimeSpan.FromSeconds(5));

        Assert.True(releases > 0, "releases were published under load");
        Assert.True(kills > 1, "servers were killed under load");
        await AssertDeltasAsync(rig);
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        FaultFigures.Add(("server_kills", kills));
        TestContext.Current.TestOutputHelper?.WriteLine($"{releases} releases, {kills} kills");
    }

    [Fact]
    public async Task What_one_server_was_told_the_other_knows()
    {
        await using var rig = await TwoServers.StartAsync(_folder, $"Objects:Folder={_folder["objects"]}");
        await rig.AddProductAsync("app");
        var other = rig.Servers[1].Url;

        Assert.Contains(
            "1.0.0", (await rig.AdminAsync("channels", "app", "--server", other)).Succeeded().Out,
            StringComparison.Ordinal);
        // Every byte is there: the second server needs none of them.
        var again = (await rig.AdminAsync(
            "publish", _folder["app-0"], "--product", "app", "--version", "1.0.0", "--platform", "linux-x64",
            "--channel", "stable", "--keys", _folder["app-keys"], "--json", "--server", other)).Succeeded();
        Assert.True(again.Json.GetProperty("already_published").GetBoolean());
    }

    /// <summary>The queue comes to its end, and no delta was built to its end twice.</summary>
    private static async Task AssertDeltasAsync(TwoServers rig)
    {
        // What killed servers were building is free as soon as their leases have run out.
        foreach (var server in rig.Servers)
            await server.Process.AdvanceClockAsync(TimeSpan.FromMinutes(2));
        foreach (var product in new[] { "app", "tool" })
            (await rig.AdminAsync("deltas", product, "--wait", "--timeout", "2m")).Succeeded();
        Assert.Equal("0", await rig.RunSqlAsync("SELECT count(*) FROM delta_jobs"));
        var built = rig.Servers.SelectMany(server => server.Log).Select(line => BuiltDelta().Match(line))
            .Where(match => match.Success).Select(match => match.Value).ToList();
        Assert.NotEmpty(built);
        Assert.Equal(built.Distinct().Order(), built.Order());
    }

    /// <summary>A line of the log, up to the two versions: id 4070.</summary>
    [GeneratedRegex(@"\w+ delta of \w+ \([\w-]+\) [\d.]+ → [\d.]+(?=: \d)")]
    private static partial Regex BuiltDelta();
}
