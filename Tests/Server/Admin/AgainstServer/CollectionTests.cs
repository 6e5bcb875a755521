using System.Text.Json;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Deleting releases and freeing their space, by a real server and the commands that operators type.</summary>
public sealed class CollectionTests : IAsyncLifetime
{
    private const int FileBytes = 400_000;
    private readonly AdminBench _bench = new();

    public async ValueTask InitializeAsync()
    {
        await _bench.InitializeAsync();
        // What is deleted goes at once, and nothing goes by itself.
        await _bench.RestartAsync(
            "Collection:GraceHours=0", "Collection:OrphanHours=0", "Collection:EveryHours=0", "Deltas:Workers=0");
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Three_of_five_releases_are_deleted_and_their_bytes_are_free()
    {
        var product = await PublishFiveAsync();
        var before = DiskBytes();
        foreach (var version in new[] { "1.0.0", "2.0.0", "3.0.0" })
            await _bench.AnswerAsync("releases", "delete", product.Name, version);

        var work = await _bench.AnswerAsync("gc");

        Assert.Equal(3, work.GetProperty("releases").GetInt32());
        var freed = before - DiskBytes();
        // The file that all releases share has moved to a new pack. Copies of replaced pointers are not counted.
        Assert.InRange(work.GetProperty("bytes").GetInt64(), freed + 48_000, freed + 51_000);
        Assert.InRange(freed, 3 * FileBytes, (3 * FileBytes) + 50_000);
        var left = await _bench.AnswerAsync("releases", product.Name);
        Assert.Equal(["5.0.0", "4.0.0"], VersionsOf(left.GetProperty("releases")));
        var stats = await _bench.AnswerAsync("stats", product.Name);
        var collection = stats.GetProperty("store").GetProperty("collection");
        Assert.Equal(3, collection.GetProperty("work").GetProperty("releases").GetInt32());
        Assert.Equal(0, collection.GetProperty("trashed_objects").GetInt32());
        Assert.True(collection.TryGetProperty("ended_unix_seconds", out _));
    }

    [Fact]
    public async Task A_dry_run_tells_what_goes_and_changes_nothing()
    {
        var product = await PublishFiveAsync();
        await _bench.AnswerAsync("channels", "keep", product.Name, "stable", "4");
        await _bench.AnswerAsync("releases", "delete", product.Name, "3.0.0");

        var plan = await _bench.AnswerAsync("gc", "--dry-run");

        Assert.Equal(
            ["5.0.0 kept channel newest retention", "4.0.0 kept retention", "3.0.0 purged", "2.0.0 kept retention",
                "1.0.0 kept retention"],
            plan.GetProperty("releases").EnumerateArray()
                .Where(release => release.GetProperty("product").GetString() == product.Name)
                .Select(release => string.Join(' ',
                [
                    release.GetProperty("version").GetString(), release.GetProperty("fate").GetString(),
                    .. release.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()),
                ])));
        Assert.InRange(plan.GetProperty("bytes").GetInt64(), FileBytes, FileBytes + 1000);
        await _bench.AnswerAsync("releases", "undelete", product.Name, "3.0.0");
        var text = (await _bench.RunAsync("gc", "--dry-run")).Succeeded().Out;
        Assert.Contains("to be freed: 0 chunks", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_deletes_the_oldest_releases_of_its_channel()
    {
        var product = await PublishFiveAsync();
        await _bench.AnswerAsync("anchors", "add", product.Name, "1.0.0");
        await _bench.AnswerAsync("channels", "keep", product.Name, "stable", "2");

        await _bench.AnswerAsync("gc");

        var left = await _bench.AnswerAsync("releases", product.Name);
        Assert.Equal(["5.0.0", "4.0.0", "1.0.0"], VersionsOf(left.GetProperty("releases")));
    }

    [Fact]
    public async Task What_is_in_use_is_not_deleted()
    {
        var product = await PublishFiveAsync();
        product.Write("file", FileBytes, seed: 9);
        await _bench.AnswerAsync([.. product.Publish("6.0.0"), "--hold"]);
        await _bench.AnswerAsync("anchors", "add", product.Name, "1.0.0");

        Assert.Equal("IN_USE", await _bench.RefusalAsync(7, "releases", "delete", product.Name, "5.0.0", "--force"));
        Assert.Equal("IN_USE", await _bench.RefusalAsync(7, "releases", "delete", product.Name, "6.0.0", "--force"));
        Assert.Equal("IN_USE", await _bench.RefusalAsync(7, "releases", "delete", product.Name, "1.0.0", "--force"));
        Assert.Equal("VERSION_UNKNOWN", await _bench.RefusalAsync(6, "releases", "delete", product.Name, "7.0.0"));
    }

    [Fact]
    public async Task A_purged_release_cannot_come_back_and_its_content_can_be_published_again()
    {
        var product = await PublishFiveAsync();
        await _bench.AnswerAsync("releases", "delete", product.Name, "1.0.0");
        await _bench.AnswerAsync("gc");

        Assert.Equal(
            "RELEASE_UNKNOWN", await _bench.RefusalAsync(6, "releases", "undelete", product.Name, "1.0.0"));
        product.Write("file", FileBytes, seed: 1);
        var again = await _bench.AnswerAsync(product.Publish("6.0.0"));
        Assert.True(again.GetProperty("new_chunks").GetInt32() > 0);
        await _bench.AnswerAsync("gc");
        var show = await _bench.AnswerAsync("show", product.Name, "6.0.0", "--chunks");
        var chunk = show.GetProperty("entries")[0].GetProperty("chunks")[0].GetProperty("hash").GetString()!;
        var why = await _bench.AnswerAsync("gc", "--why", chunk);
        Assert.Equal(["6.0.0"], VersionsOf(why.GetProperty("releases")));
        Assert.Equal("ENTRY_INVALID", await _bench.RefusalAsync(2, "gc", "--why", new string('a', 64)));
    }

    [Fact]
    public async Task The_reason_to_keep_a_release_is_told()
    {
        var product = await PublishFiveAsync();

        var why = await _bench.AnswerAsync("gc", "--why", $"{product.Name}/5.0.0");

        Assert.Equal(
            ["channel", "newest", "retention"],
            why.GetProperty("releases")[0].GetProperty("reasons").EnumerateArray()
                .Select(reason => reason.GetString()));
        Assert.Equal("USAGE", await _bench.RefusalAsync(2, "gc", "--why", "5.0.0"));
        Assert.Equal("RELEASE_UNKNOWN", await _bench.RefusalAsync(6, "gc", "--why", $"{product.Name}/9.0.0"));
    }

    [Fact]
    public async Task Publishes_that_run_during_collections_lose_nothing()
    {
        var product = await PublishFiveAsync();
        foreach (var version in new[] { "1.0.0", "2.0.0", "3.0.0", "4.0.0" })
            await _bench.AnswerAsync("releases", "delete", product.Name, version);
        var publishing = PublishManyAsync(product);

        while (!publishing.IsCompleted)
            await _bench.RunAsync("gc", "--json");

        await publishing;
        for (var i = 6; i <= 9; i++)
        {
            var shown = await _bench.AnswerAsync(
                "show", product.Name, $"{i}.0.0", "--chunks", "--root", product.Root);
            Assert.NotEmpty(shown.GetProperty("entries").EnumerateArray());
        }

        Assert.Equal(0, (await _bench.RunAsync("gc", "--dry-run")).ExitCode);
    }

    private async Task<BenchProduct> PublishFiveAsync()
    {
        var product = await _bench.CreateProductAsync();
        product.Write("shared", 50_000, seed: 99);
        for (var i = 1; i <= 5; i++)
        {
            product.Write("file", FileBytes, seed: i);
            await _bench.AnswerAsync(product.Publish($"{i}.0.0"));
        }

        return product;
    }

    /// <summary>Publishes the contents again that are being collected.</summary>
    private async Task PublishManyAsync(BenchProduct product)
    {
        for (var i = 6; i <= 9; i++)
        {
            product.Write("file", FileBytes, seed: i - 5);
            await _bench.AnswerAsync(product.Publish($"{i}.0.0"));
        }
    }

    private static IEnumerable<string?> VersionsOf(JsonElement releases) =>
        releases.EnumerateArray().Select(release => release.GetProperty("version").GetString());

    private long DiskBytes() =>
        new DirectoryInfo(Path.Combine(_bench.Server.Data, "objects"))
            .EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
