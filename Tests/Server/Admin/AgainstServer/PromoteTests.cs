using System.Text.Json;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Holding, promoting, going back and withdrawing, with a real server.</summary>
public sealed class PromoteTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task A_held_release_is_stored_and_moves_no_channel_until_it_is_promoted()
    {
        var product = await bench.PublishProductAsync(50_000);
        product.Write("file", 50_000, seed: 1);

        var held = await bench.AnswerAsync(product.Publish("1.1.0", "stable", "--hold"));

        Assert.True(held.GetProperty("held").GetBoolean());
        Assert.Equal("1.0.0", (await ChannelAsync(product)).GetProperty("version").GetString());
        var promoted = await bench.AnswerAsync(Promote(product, "1.1.0"));
        Assert.False(Only(promoted, "platforms").GetProperty("already_current").GetBoolean());
        Assert.Equal("1.1.0", (await ChannelAsync(product)).GetProperty("version").GetString());
        var again = await bench.AnswerAsync(Promote(product, "1.1.0"));
        Assert.True(Only(again, "platforms").GetProperty("already_current").GetBoolean());
        Assert.Equal(2, (await ChannelAsync(product)).GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task A_first_release_can_be_held_and_promoted_to_a_channel_that_was_never_there()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync(product.Publish("1.0.0", "beta", "--hold"));
        Assert.Empty((await bench.AnswerAsync("channels", product.Name)).GetProperty("channels").EnumerateArray());

        await bench.AnswerAsync(Promote(product, "1.0.0"));

        Assert.Equal("stable", (await ChannelAsync(product)).GetProperty("channel").GetString());
    }

    [Fact]
    public async Task All_platforms_of_a_version_are_promoted_or_none()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--hold"));
        var arm = product.Publish("1.0.0", "stable", "--hold", "--new-platform");
        arm[Array.IndexOf(arm, "linux-x64")] = "linux-arm64";
        await bench.AnswerAsync(arm);
        // On one of the two platforms the channel is ahead of the version.
        product.Write("file", 1_000, seed: 1);
        var ahead = product.Publish("1.1.0");
        ahead[Array.IndexOf(ahead, "linux-x64")] = "linux-arm64";
        await bench.AnswerAsync(ahead);

        Assert.Equal("COUNTER_LOWER", await bench.RefusalAsync(7, Promote(product, "1.0.0")));
        Assert.Equal("linux-arm64", (await ChannelAsync(product)).GetProperty("platform").GetString());

        var one = await bench.AnswerAsync(Promote(product, "1.0.0", "--platform", "linux-x64"));
        Assert.Equal("linux-x64", Only(one, "platforms").GetProperty("platform").GetString());
        product.Write("file", 1_000, seed: 2);
        await bench.AnswerAsync(product.Publish("1.2.0", "stable", "--hold"));
        var armToo = product.Publish("1.2.0", "stable", "--hold");
        armToo[Array.IndexOf(armToo, "linux-x64")] = "linux-arm64";
        await bench.AnswerAsync(armToo);
        var both = await bench.AnswerAsync(Promote(product, "1.2.0"));
        Assert.Equal(
            ["linux-arm64", "linux-x64"],
            both.GetProperty("platforms").EnumerateArray().Select(each => each.GetProperty("platform").GetString())
                .Order());
        Assert.All(
            (await bench.AnswerAsync("channels", product.Name)).GetProperty("channels").EnumerateArray(),
            channel => Assert.Equal("1.2.0", channel.GetProperty("version").GetString()));
    }

    [Fact]
    public async Task Two_promotions_at_once_both_succeed_and_the_channel_is_never_behind()
    {
        var product = await bench.PublishProductAsync(1_000);
        product.Write("file", 1_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.1.0", "stable", "--hold"));
        product.Write("file", 1_000, seed: 2);
        await bench.AnswerAsync(product.Publish("1.2.0", "stable", "--hold"));

        var runs = await Task.WhenAll(
            bench.RunAsync([.. Promote(product, "1.2.0"), "--json"]),
            bench.RunAsync([.. Promote(product, "1.1.0"), "--json"]),
            bench.RunAsync([.. Promote(product, "1.2.0"), "--json"]));

        Assert.All([runs[0], runs[2]], run => run.Succeeded());
        Assert.True(runs[1].ExitCode == 0 || runs[1].Code == "COUNTER_LOWER", runs[1].Out);
        Assert.Equal("1.2.0", (await ChannelAsync(product)).GetProperty("version").GetString());
    }

    [Fact]
    public async Task An_old_release_is_refused_with_the_command_that_goes_back()
    {
        var product = await bench.CreateProductAsync();
        var old = product.Write("file", 300_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        product.Write("file", 300_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.1.0"));
        File.WriteAllBytes(Path.Combine(product.Tree, "file"), old);
        var hint = $"ota-admin rerelease {product.Name} 1.0.0 --as 1.1.1 --to stable --platform linux-x64 --keys "
            + product.Keys;

        Assert.Equal("VERSION_NOT_GREATER", await bench.RefusalAsync(7, product.Publish("1.0.0")));
        foreach (var command in new[]
        {
            product.Publish("1.0.0", "stable", "--allow-older"),
            product.Publish("1.0.0", "stable", "--allow-older", "--wait-deltas"),
            product.Publish("1.0.0", "stable", "--allow-older", "--dry-run"),
            Promote(product, "1.0.0", "--allow-older"),
        })
        {
            var refused = await bench.RunAsync([.. command, "--json"]);
            Assert.Equal((7, "COUNTER_LOWER"), (refused.ExitCode, refused.Code));
            Assert.Equal(hint, refused.Json.GetProperty("error").GetProperty("hint").GetString());
        }

        var people = await bench.RunAsync(product.Publish("1.0.0", "stable", "--allow-older"));
        Assert.Contains($"hint: {hint}\n", people.Error, StringComparison.Ordinal);
        Assert.Equal("1.1.0", (await ChannelAsync(product)).GetProperty("version").GetString());
        (await bench.RunAsync(hint.Split(' ')[1..])).Succeeded();
        Assert.Equal("1.1.1", (await ChannelAsync(product)).GetProperty("version").GetString());
    }

    [Fact]
    public async Task A_rerelease_has_the_old_content_and_sends_no_chunk()
    {
        var product = await bench.CreateProductAsync();
        product.Write("big", 900_000);
        product.Write("small", 100);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        product.Write("big", 900_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.1.0"));
        Directory.Delete(product.Tree, recursive: true);

        var report = await bench.AnswerAsync(Rerelease(product, "1.0.0", "1.1.1"));

        Assert.Equal("1.0.0", report.GetProperty("content_of").GetString());
        Assert.Equal(3, Only(report, "platforms").GetProperty("counter").GetInt32());
        var (old, again) = (await EntriesAsync(product, "1.0.0"), await EntriesAsync(product, "1.1.1"));
        Assert.Equal(old, again);
        Assert.NotEqual(old, await EntriesAsync(product, "1.1.0"));
        var line = (await bench.AnswerAsync("releases", product.Name)).GetProperty("releases")[0];
        Assert.Equal(0, line.GetProperty("new_chunks").GetInt32());
        Assert.Equal("1.1.1", line.GetProperty("version").GetString());
        var repeated = await bench.AnswerAsync(Rerelease(product, "1.0.0", "1.1.1"));
        Assert.True(Only(repeated, "platforms").GetProperty("already_current").GetBoolean());
        Assert.Equal("VERSION_TAKEN", await bench.RefusalAsync(7, Rerelease(product, "1.1.0", "1.1.1")));
        Assert.Equal("VERSION_UNKNOWN", await bench.RefusalAsync(6, Rerelease(product, "0.9.0", "1.1.2")));
        Assert.Equal("VERSION_NOT_GREATER", await bench.RefusalAsync(7, Rerelease(product, "1.0.0", "0.9.0")));
    }

    [Fact]
    public async Task A_release_that_a_channel_names_is_not_withdrawn_and_the_way_out_is_named()
    {
        var product = await bench.PublishProductAsync(1_000);
        var alone = await bench.RunAsync([.. Withdraw(product, "1.0.0"), "--json"]);
        product.Write("file", 1_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.1.0"));

        var refused = await bench.RunAsync([.. Withdraw(product, "1.1.0"), "--json"]);

        Assert.Equal((7, "IN_USE"), (alone.ExitCode, alone.Code));
        Assert.Equal((7, "IN_USE"), (refused.ExitCode, refused.Code));
        var hint = refused.Json.GetProperty("error").GetProperty("hint").GetString()!;
        Assert.Equal(
            $"ota-admin rerelease {product.Name} 1.0.0 --as 1.1.1 --to stable --platform linux-x64 --keys "
            + product.Keys,
            hint);
        (await bench.RunAsync(hint.Split(' ')[1..])).Succeeded();
        await bench.AnswerAsync(Withdraw(product, "1.1.0"));
    }

    [Fact]
    public async Task A_withdrawal_is_listed_with_its_reason_and_later_pointers_carry_it_on()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        var bad = await bench.AnswerAsync(product.Publish("1.0.0"));
        var digest = bad.GetProperty("manifest_digest").GetString();
        product.Write("file", 1_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.1.0"));
        await bench.AnswerAsync(product.Publish("1.1.0", "beta", "--create-channel"));
        await bench.AnswerAsync(product.Publish("1.1.0", "gone", "--create-channel"));
        await bench.AnswerAsync("channels", "delete", product.Name, "gone");

        var report = await bench.AnswerAsync(Withdraw(product, "1.0.0"));

        Assert.Equal(
            ["beta", "stable"],
            Only(report, "platforms").GetProperty("channels").EnumerateArray().Select(name => name.GetString()));
        Assert.False(Only(report, "platforms").GetProperty("already_withdrawn").GetBoolean());
        var again = await bench.AnswerAsync(Withdraw(product, "1.0.0"));
        Assert.True(Only(again, "platforms").GetProperty("already_withdrawn").GetBoolean());
        var releases = (await bench.AnswerAsync("releases", product.Name)).GetProperty("releases");
        Assert.Equal("loses settings", releases[1].GetProperty("withdrawal_reason").GetString());
        Assert.False(releases[0].TryGetProperty("withdrawal_reason", out _));
        Assert.Contains("loses settings",
            (await bench.RunAsync("show", product.Name, "1.0.0")).Succeeded().Out, StringComparison.Ordinal);
        // A publish, a renewal, a promotion to a new channel and one to a deleted channel.
        product.Write("file", 1_000, seed: 2);
        await bench.AnswerAsync(product.Publish("1.2.0"));
        await bench.AnswerAsync(
            "channels", "renew", product.Name, "beta", "--platform", "linux-x64", "--keys", product.Keys);
        await bench.AnswerAsync(
            [.. Promote(product, "1.2.0", "--create-channel")[..^4], "--to", "new", "--keys", product.Keys]);
        await bench.AnswerAsync(product.Publish("1.2.0", "gone", "--create-channel"));
        var channels = (await bench.AnswerAsync("channels", product.Name, "--root", product.Root))
            .GetProperty("channels").EnumerateArray().ToList();
        Assert.Equal(
            ["beta", "gone", "new", "stable"], channels.Select(each => each.GetProperty("channel").GetString()));
        Assert.All(channels, channel => Assert.Equal(
            [digest], channel.GetProperty("withdrawn").EnumerateArray().Select(each => each.GetString())));
        Assert.Equal(2, channels[1].GetProperty("seq").GetInt32());
        Assert.Equal("REVOKED", await bench.RefusalAsync(4, Rerelease(product, "1.0.0", "1.2.1")));
        Assert.Equal("VERSION_UNKNOWN", await bench.RefusalAsync(6, Withdraw(product, "3.0.0")));
    }

    [Fact]
    public async Task A_channel_is_deleted_by_an_admin_alone_and_not_while_it_is_followed()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync(product.Publish("1.0.0", "stabel"));
        var publisher = await bench.AnswerAsync("tokens", "create", "--role", "publisher", "--product", product.Name);

        var refused = await bench.RunWithoutTokenAsync(
            "channels", "delete", product.Name, "stabel", "--json", "--token",
            publisher.GetProperty("token").GetString()!);

        Assert.Equal("NOT_ALLOWED", refused.Code);
        var deleted = await bench.AnswerAsync("channels", "delete", product.Name, "stabel");
        Assert.Equal(["linux-x64"], deleted.GetProperty("platforms").EnumerateArray().Select(each => each.GetString()));
        Assert.Empty((await bench.AnswerAsync("channels", product.Name)).GetProperty("channels").EnumerateArray());
        Assert.Equal("CHANNEL_UNKNOWN", await bench.RefusalAsync(6, "channels", "delete", product.Name, "stabel"));
    }

    [Fact]
    public async Task The_wait_for_deltas_may_come_before_the_arguments()
    {
        var product = await bench.PublishProductAsync(200_000);
        product.Write("file", 200_000, seed: 1);

        var report = await bench.AnswerAsync(["publish", "--wait-deltas", .. product.Publish("1.1.0")[1..]]);

        Assert.False(report.GetProperty("held").GetBoolean());
        Assert.Equal(0, report.GetProperty("deltas").GetProperty("failed").GetInt32());
        Assert.Equal("1.1.0", (await ChannelAsync(product)).GetProperty("version").GetString());
        Assert.Equal("USAGE", await bench.RefusalAsync(
            2, product.Publish("1.1.0", "stable", "--wait-deltas=soon")));
        Assert.Equal("USAGE", await bench.RefusalAsync(
            2, product.Publish("1.1.0", "stable", "--wait-deltas", "--hold")));
    }

    private async Task<List<string>> EntriesAsync(BenchProduct product, string version) =>
    [
        .. (await bench.AnswerAsync("show", product.Name, version, "--root", product.Root)).GetProperty("entries")
            .EnumerateArray().Select(entry => entry.GetRawText()),
    ];

    private async Task<JsonElement> ChannelAsync(BenchProduct product) =>
        Only(await bench.AnswerAsync("channels", product.Name), "channels");

    private static JsonElement Only(JsonElement answer, string list) =>
        Assert.Single(answer.GetProperty(list).EnumerateArray());

    private static string[] Promote(BenchProduct product, string version, params string[] more) =>
        ["promote", product.Name, version, .. more, "--to", "stable", "--keys", product.Keys];

    private static string[] Rerelease(BenchProduct product, string version, string anew) =>
        ["rerelease", product.Name, version, "--as", anew, "--to", "stable", "--keys", product.Keys];

    private static string[] Withdraw(BenchProduct product, string version) =>
        ["withdraw", product.Name, version, "--reason", "loses settings", "--keys", product.Keys];
}
