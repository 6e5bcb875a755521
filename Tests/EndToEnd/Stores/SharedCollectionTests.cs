using Amazon.S3.Model;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The whole life of a release on PostgreSQL and a bucket whose answers get lost: deleted, back again, deleted
/// for good, and its packs rewritten.</summary>
public sealed class SharedCollectionTests(RadosgwFixture fixture)
{
    [Fact]
    public async Task A_release_is_deleted_comes_back_and_goes_and_what_others_need_moves_to_a_new_pack()
    {
        var service = await fixture.ServiceAsync();
        var bucket = await service.MakeBucketAsync();
        using var folder = new TemporaryFolder();
        await using var database = await PostgresCluster.StartAsync();
        await using var proxy = new FaultyS3(
            // A deletion without an answer is left to the next collection.
            service.Port, request => request.Number % 7 == 0 && request.Method != "DELETE"
                ? S3Fault.LostAnswer : S3Fault.None);
        await using var rig = await Rig.StartAsync([
            .. BucketSettings.Of(proxy.Endpoint, bucket, folder["credentials"]), "Objects:S3:DeadlineSeconds=60",
            $"Catalogue:Postgres={await database.CreateDatabaseAsync()}",
            "Collection:GraceHours=0", "Collection:OrphanHours=0"]);
        var first = Write(rig, "first", ("kept", 1, 300_000), ("gone", 2, 3_000_000));
        var second = Write(rig, "second", ("kept", 1, 300_000), ("new", 3, 1_000_000));
        (await rig.PublishAsync(first, "1.0.0")).Succeeded();
        (await rig.PublishAsync(second, "2.0.0", "--allow-shrink")).Succeeded();
        var packs = await ListPacksAsync(service, bucket);

        (await rig.AdminAsync("releases", "delete", "app", "1.0.0")).Succeeded();
        (await rig.AdminAsync("releases", "undelete", "app", "1.0.0")).Succeeded();
        Assert.Equal(0, (await rig.AdminAsync("gc", "--json")).Succeeded().Json.GetProperty("releases").GetInt64());
        Assert.Equal(packs, await ListPacksAsync(service, bucket));
        (await rig.AdminAsync("releases", "delete", "app", "1.0.0")).Succeeded();
        var figures = (await rig.AdminAsync("gc", "--json")).Succeeded().Json;

        Assert.Equal(1, figures.GetProperty("releases").GetInt64());
        Assert.Equal(1, figures.GetProperty("compacted_packs").GetInt64());
        Assert.InRange(figures.GetProperty("bytes").GetInt64(), 3_000_000, 3_500_000);
        (await rig.AdminAsync("releases", "undelete", "app", "1.0.0")).Refused("RELEASE_UNKNOWN", 6);
        Assert.Single((await ListPacksAsync(service, bucket)).Intersect(packs));
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
        (await rig.PublishAsync(first, "3.0.0")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        Assert.Contains(proxy.Requests, request => request.Method == "DELETE");
    }

    private static string Write(Rig rig, string name, params ReadOnlySpan<(string Name, int Seed, int Length)> files)
    {
        var tree = rig.PathOf(name);
        Directory.CreateDirectory(tree);
        foreach (var file in files)
            File.WriteAllBytes(Path.Combine(tree, file.Name), SampleTree.Noise(file.Seed, file.Length));
        return tree;
    }

    private static async Task<List<string>> ListPacksAsync(Radosgw service, string bucket)
    {
        using var client = service.Connect();
        var listed = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = bucket, Prefix = "site-a/packs/" });
        return [.. (listed.S3Objects ?? []).Select(found => found.Key)];
    }
}
