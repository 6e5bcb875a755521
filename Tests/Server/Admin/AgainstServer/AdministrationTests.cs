using ChunkOta.Protos;

namespace ChunkOta.Tests.Admin.AgainstServer;

public sealed class AdministrationTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task An_install_token_stands_alone_on_standard_output_and_pins_root_and_server()
    {
        var product = await bench.CreateProductAsync();

        var run = await bench.RunAsync(
            "tokens", "create", "--role", "install", "--product", product.Name, "--channel", "stable",
            "--uses", "3", "--root", product.Root);

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("it enrols at most 3 devices until ", run.Error, StringComparison.Ordinal);
        var token = InstallToken.Parse(run.Out.TrimEnd('\n'));
        Assert.Equal(ChunkOta.Admin.KeyFolder.ReadRoot(product.Root).Digest, token.RootDigest);
        Assert.Equal(bench.Server.SpkiSha256, token.SpkiSha256.ToArray());
    }

    [Fact]
    public async Task A_token_that_pins_another_root_is_revoked_and_not_shown()
    {
        var product = await bench.CreateProductAsync();
        var other = await bench.CreateProductAsync();

        var run = await bench.RunAsync(
            "tokens", "create", "--role", "install", "--product", product.Name, "--channel", "stable",
            "--root", other.Root);

        Assert.Equal((4, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("error ROOT_CHAIN: ", run.Error, StringComparison.Ordinal);
        var tokens = (await bench.AnswerAsync("tokens", "list")).GetProperty("tokens").EnumerateArray();
        var made = tokens.Single(token =>
            token.TryGetProperty("product", out var of) && of.GetString() == product.Name);
        Assert.True(made.GetProperty("is_revoked").GetBoolean());
    }

    [Theory]
    [InlineData("--role", "install", "--product", "app")]
    [InlineData("--role", "install", "--channel", "stable")]
    [InlineData("--role", "publisher")]
    [InlineData("--role", "reader", "--channel", "stable")]
    [InlineData("--role", "admin", "--uses", "3")]
    public async Task A_token_that_makes_no_sense_is_a_usage_error(params string[] options)
    {
        Assert.Equal("USAGE", await bench.RefusalAsync(2, ["tokens", "create", .. options]));
    }

    [Fact]
    public async Task The_list_of_tokens_holds_no_secret()
    {
        var created = await bench.AnswerAsync("tokens", "create", "--role", "reader", "--label", "for looking");
        var token = created.GetProperty("token").GetString()!;

        var run = await bench.RunAsync("tokens", "list");

        Assert.Contains("for looking", run.Out, StringComparison.Ordinal);
        Assert.Contains(created.GetProperty("token_id").GetString()!, run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(token[8..20], run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewing_a_channel_keeps_its_release_and_gives_it_time()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 100);
        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--pointer-life", "1h"));
        File.Delete(Path.Combine(product.Keys, "release.key"));

        await bench.AnswerAsync(
            "channels", "renew", product.Name, "stable", "--platform", "linux-x64", "--keys", product.Keys,
            "--pointer-life", "30d");

        var channels = await bench.AnswerAsync("channels", product.Name, "--root", product.Root);
        var channel = Assert.Single(channels.GetProperty("channels").EnumerateArray());
        Assert.Equal(("1.0.0", 2), (channel.GetProperty("version").GetString(), channel.GetProperty("seq").GetInt32()));
        Assert.True(channel.GetProperty("verified").GetBoolean());
        var life = channel.GetProperty("expires_unix_seconds")
            .GetInt64() - channel.GetProperty("issued_unix_seconds").GetInt64();
        Assert.Equal(TimeSpan.FromDays(30), TimeSpan.FromSeconds(life));
    }

    [Fact]
    public async Task Stats_say_what_releases_share()
    {
        var product = await bench.CreateProductAsync();
        product.Write("a", 10_000);
        product.Write("b", 10_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        product.Write("c", 5_000, seed: 3);
        await bench.AnswerAsync(product.Publish("1.1.0"));

        var stats = await bench.AnswerAsync("stats", product.Name);

        var releases = stats.GetProperty("releases").EnumerateArray().ToDictionary(
            release => release.GetProperty("version").GetString()!);
        Assert.Equal(2.0, releases["1.0.0"].GetProperty("dedup_factor").GetDouble());
        Assert.Equal(0.0, releases["1.0.0"].GetProperty("reused_share").GetDouble());
        Assert.Equal(5_000, releases["1.1.0"].GetProperty("new_plain_bytes").GetInt64());
        Assert.Equal(0.6667, releases["1.1.0"].GetProperty("reused_share").GetDouble());
        var all = Assert.Single(stats.GetProperty("products").EnumerateArray());
        Assert.Equal((45_000, 15_000), (
            all.GetProperty("logical_bytes").GetInt64(), all.GetProperty("distinct_plain_bytes").GetInt64()));
        Assert.Equal(3.0, all.GetProperty("dedup_factor").GetDouble());
    }

    [Fact]
    public async Task Deltas_are_waited_for_and_listed()
    {
        var product = await bench.CreateProductAsync();
        var content = product.Write("app", 800_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        for (var at = 0; at < content.Length; at += 20_000) content[at]++;
        await File.WriteAllBytesAsync(Path.Combine(product.Tree, "app"), content);
        await bench.AnswerAsync(product.Publish("1.1.0"));

        var report = await bench.AnswerAsync("deltas", product.Name, "--wait");

        Assert.Empty(report.GetProperty("queued").EnumerateArray());
        var delta = Assert.Single(report.GetProperty("built").EnumerateArray());
        Assert.Equal(
            ("1.0.0", "1.1.0", "best", "linux-x64", 1, 800_000),
            (delta.GetProperty("from").GetString(), delta.GetProperty("to").GetString(),
                delta.GetProperty("quality").GetString(),
                delta.GetProperty("platform")
                    .GetString(), delta.GetProperty("files").GetInt32(), delta.GetProperty("target_bytes").GetInt32()));
        Assert.InRange(delta.GetProperty("bytes").GetInt64(), 40, 5_000);
        var table = await bench.RunAsync("deltas", product.Name);
        Assert.Matches(@"1\.0\.0 +1\.1\.0 +best", table.Out);
        Assert.Equal("PRODUCT_UNKNOWN", await bench.RefusalAsync(6, "deltas", "nothing"));
    }

    [Fact]
    public async Task An_upgrade_is_explained_by_cause_and_by_file()
    {
        var product = await bench.CreateProductAsync();
        var content = product.Write("app", 800_000);
        product.Write("kept", 10_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        content[400_000]++;
        await File.WriteAllBytesAsync(Path.Combine(product.Tree, "app"), content);
        product.Write("fresh", 20_000, seed: 2);
        await bench.AnswerAsync(product.Publish("1.1.0"));
        var built = (await bench.AnswerAsync("deltas", product.Name, "--wait")).GetProperty("built")[0];

        var report = await bench.AnswerAsync("explain", product.Name, "1.0.0", "1.1.0");

        Assert.Equal(built.GetProperty("bytes").GetInt64(), report.GetProperty("delta_bytes").GetInt64());
        Assert.Equal(
            (1, 10_000), (report.GetProperty("kept_files").GetInt32(), report.GetProperty("kept_bytes").GetInt32()));
        Assert.Equal(["new", "timestamp"], report.GetProperty("causes").EnumerateArray().Select(
            cause => cause.GetProperty("cause").GetString()));
        var files = report.GetProperty("files")
            .EnumerateArray().ToDictionary(file => file.GetProperty("path").GetString()!);
        Assert.Equal(["app", "fresh"], files.Keys);
        Assert.Equal("delta", files["app"].GetProperty("source").GetString());
        Assert.Contains("SOURCE_DATE_EPOCH", files["app"].GetProperty("hint").GetString(), StringComparison.Ordinal);
        var text = (await bench.RunAsync("explain", product.Name, "1.0.0", "1.1.0", "--platform", "linux-x64")).Out;
        Assert.Contains("hint: timestamp (1 file): ", text, StringComparison.Ordinal);
        Assert.Matches("new +1 +20.0 kB +20.0 kB", text);
        // The table of files, which is in no column wider than a terminal though this is none.
        var table = text.Split('\n').SkipWhile(line => !line.StartsWith("sent ", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("hint: ", StringComparison.Ordinal)).ToList();
        Assert.InRange(table.Count, 4, 30);
        Assert.All(table, line => Assert.InRange(line.Length, 0, 80));
        Assert.Equal("VERSION_UNKNOWN", await bench.RefusalAsync(6, "explain", product.Name, "1.0.0", "9.9.9"));
    }

    [Fact]
    public async Task Every_list_has_a_form_for_people()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 2_000);
        var published = await bench.RunAsync(product.Publish("1.0.0"));

        Assert.EndsWith($"published {product.Name} 1.0.0 linux-x64 on stable (counter 1)\n", published.Out,
            StringComparison.Ordinal);
        string[][] lists =
        [
            ["products", "list"], ["releases", product.Name], ["channels", product.Name], ["stats", product.Name],
            ["show", product.Name, "1.0.0"], ["tokens", "list"],
        ];
        foreach (var list in lists)
        {
            var run = await bench.RunAsync(list);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.True(list[0] == "tokens" || run.Out.Contains(product.Name, StringComparison.Ordinal), run.Out);
        }
    }
}
