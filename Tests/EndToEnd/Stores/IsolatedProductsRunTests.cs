using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Two products of one server that share no stored content, through real processes.</summary>
public sealed class IsolatedProductsRunTests
{
    private const string Isolate = "Store:Dedup=product";

    [Fact]
    public async Task Isolated_products_of_the_same_content_are_stored_twice_and_both_install()
    {
        await using var rig = await StartAsync(Isolate, "Collection:GraceHours=0", "Collection:OrphanHours=0");
        var tree = SampleTree.Write(rig.PathOf("tree"), 0);
        var first = (await PublishAsync(rig, "app", tree, "1.0.0")).Succeeded().Json;
        var second = (await PublishAsync(rig, "other", tree, "1.0.0")).Succeeded().Json;

        foreach (var figure in new[] { "new_chunks", "new_plain_bytes", "reused_plain_bytes" })
            Assert.Equal(first.GetProperty(figure).GetInt64(), second.GetProperty(figure).GetInt64());
        Assert.Equal(0, second.GetProperty("reused_plain_bytes").GetInt64());
        await InstallAsync(rig, "app", tree);
        await InstallAsync(rig, "other", tree);
        (await rig.AgentAsync("install", "app", "--server", rig.Url, "--install-token", $"@{rig.TokenFile}.other",
            "--platform", rig.Platform)).Refused("NOT_ALLOWED", 5);

        // One of them gives the content up, the other one keeps it.
        await PublishAsync(rig, "app", SampleTree.Write(rig.PathOf("next"), 9), "2.0.0");
        (await rig.AdminAsync("releases", "delete", "app", "1.0.0", "--force")).Succeeded();
        (await rig.AdminAsync("gc")).Succeeded();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        await InstallAsync(rig, "other", tree);
        var again = (await PublishAsync(rig, "app", tree, "3.0.0")).Succeeded().Json;
        Assert.True(again.GetProperty("new_plain_bytes").GetInt64() > 0);
    }

    [Fact]
    public async Task A_rebuilt_catalogue_isolates_the_products_that_were_isolated()
    {
        await using var rig = await StartAsync(Isolate);
        var tree = SampleTree.Write(rig.PathOf("tree"), 0);
        foreach (var product in new[] { "app", "other" }) await PublishAsync(rig, product, tree, "1.0.0");
        await rig.StartServerAsync(rig.Server.Data);
        (await rig.AdminAsync("products", "create", "shared", "--root", $"{rig.Keys}/root.json")).Succeeded();
        await PublishAsync(rig, "shared", SampleTree.Write(rig.PathOf("more"), 1), "1.0.0");
        Assert.Equal([("app", true), ("other", true), ("shared", false)], await ListAsync(rig));
        await rig.Server.StopAsync();
        foreach (var file in Directory.GetFiles(rig.Server.Data, "catalogue.db*")) File.Delete(file);

        var rebuilt = (await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet",
            [Programs.Server, "reindex", "--data", rig.Server.Data, "--json"])).Succeeded().Json;

        Assert.Equal(3, rebuilt.GetProperty("releases").GetInt32());
        Assert.Empty(rebuilt.GetProperty("left_out").EnumerateArray());
        await rig.StartServerAsync();
        Assert.Equal([("app", true), ("other", true), ("shared", false)], await ListAsync(rig));
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        await InstallAsync(rig, "other", tree);
        var sent = (await PublishAsync(rig, "shared", tree, "2.0.0")).Succeeded().Json;
        Assert.True(sent.GetProperty("new_plain_bytes").GetInt64() > 0);
        var known = (await PublishAsync(rig, "other", tree, "2.0.0")).Succeeded().Json;
        Assert.Equal(0, known.GetProperty("new_chunks").GetInt64());
    }

    [Fact]
    public async Task An_operator_sees_which_products_are_isolated_and_which_domains_have_a_chunk()
    {
        await using var rig = await StartAsync(Isolate);
        var tree = rig.PathOf("tree");
        Directory.CreateDirectory(tree);
        await File.WriteAllTextAsync(Path.Combine(tree, "readme"), "the same for all");
        foreach (var product in new[] { "app", "other" }) (await PublishAsync(rig, product, tree, "1.0.0")).Succeeded();

        var kept = (await rig.AdminAsync("gc", "--why", Digest.Of("the same for all"u8).ToString())).Succeeded().Out;
        var listed = (await rig.AdminAsync("products", "list")).Succeeded().Out;

        Assert.Contains("in the domain of app, in pack ", kept, StringComparison.Ordinal);
        Assert.Contains("in the domain of other, in pack ", kept, StringComparison.Ordinal);
        Assert.Matches("app .*product", listed);
    }

    /// <summary>A server with the products <c>app</c> and <c>other</c>.</summary>
    private static async Task<Rig> StartAsync(params string[] settings)
    {
        var rig = await Rig.StartAsync(settings);
        (await rig.AdminAsync("products", "create", "other", "--root", $"{rig.Keys}/root.json")).Succeeded();
        return rig;
    }

    private static Task<ProgramRun> PublishAsync(Rig rig, string product, string tree, string version) =>
        rig.AdminAsync(
            "publish", tree, "--product", product, "--version", version, "--platform", rig.Platform, "--channel",
            "stable", "--keys", rig.Keys, "--json");

    /// <summary>Installs a product on a new device.</summary>
    private static async Task InstallAsync(Rig rig, string product, string tree)
    {
        var file = $"{rig.TokenFile}.{product}";
        await File.WriteAllTextAsync(file, (await rig.AdminAsync(
            "tokens", "create", "--role", "install", "--product", product, "--channel", "stable", "--root",
            $"{rig.Keys}/root.json", "--expires", "never", "--uses", "unlimited")).Succeeded().Out.Trim());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        rig.Home = rig.PathOf($"home-{Guid.NewGuid():n}");
        (await rig.AgentAsync(
            "install", product, "--server", rig.Url, "--install-token", $"@{file}", "--platform", rig.Platform))
            .Succeeded();
        SampleTree.AssertSame(tree, Path.Combine(rig.Home, product, "current"));
    }

    private static async Task<IEnumerable<(string, bool)>> ListAsync(Rig rig) =>
        (await rig.AdminAsync("products", "list", "--json")).Succeeded().Json.GetProperty("products").EnumerateArray()
            .Select(product => (
                product.GetProperty("product").GetString()!, product.GetProperty("is_isolated").GetBoolean()));
}
