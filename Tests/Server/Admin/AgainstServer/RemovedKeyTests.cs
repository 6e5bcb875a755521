using System.Text.Json;
using ChunkOta.Admin;
using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>What a stolen channel key signed loses its effect when the publisher removes the key, and nothing that the
/// publisher signed is lost in silence.</summary>
public sealed class RemovedKeyTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task What_a_removed_key_withdrew_is_dropped_on_all_channels_when_the_publisher_says_so()
    {
        var (product, good) = await PublishTwoAsync();
        await StealAsync(product, pointer =>
        {
            pointer.Revoked.Add(good.ToByteString());
            pointer.Floor = 2;
        });
        await RotateAsync(product);

        var refused = await bench.RunAsync([.. Renew(product), "--json"]);
        Assert.Equal((4, "KEY_REMOVED"), (refused.ExitCode, refused.Code));
        var error = refused.Json.GetProperty("error");
        Assert.Contains(
            "and it withdraws 1 release and allows no counter below 2: ", error.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        product.Write("file", 1_000, seed: 2);
        string[][] others =
        [
            product.Publish("1.2.0"), product.Publish("1.2.0", "stable", "--hold"),
            ["promote", product.Name, "1.1.0", "--to", "stable", "--keys", product.Keys],
            ["rerelease", product.Name, "1.1.0", "--as", "1.3.0", "--to", "stable", "--keys", product.Keys],
            ["withdraw", product.Name, "1.0.0", "--reason", "none", "--keys", product.Keys],
            ["reinstate", product.Name, "1.0.0", "--keys", product.Keys],
        ];
        foreach (var command in others)
            Assert.Equal("KEY_REMOVED", await bench.RefusalAsync(4, command));
        Assert.All(await ChannelsAsync(product), channel => Assert.Equal(3, channel.GetProperty("seq").GetInt32()));

        var hint = error.GetProperty("hint").GetString()!;
        var renewed = await bench.AnswerAsync(hint.Replace(" (or keep)", "", StringComparison.Ordinal).Split(' ')[1..]);

        Assert.Equal("beta", Only(renewed, "also_renewed").GetString());
        Assert.Equal(good.ToString(), Only(renewed, "reinstated").GetString());
        var warnings = string.Join('\n', renewed.GetProperty("warnings").EnumerateArray());
        Assert.Contains("a removed key signed the last pointer of channel beta, which names 1.1.0", warnings,
            StringComparison.Ordinal);
        Assert.Contains("channel stable does not refuse counters below 2 any more", warnings, StringComparison.Ordinal);
        Assert.Contains($"ota-admin withdraw {product.Name} 1.0.0 --platform linux-x64 --reason TEXT", warnings,
            StringComparison.Ordinal);
        Assert.All(
            await ChannelsAsync(product, "--root", product.Root),
            channel => Assert.Equal(
                (4, 0), (channel.GetProperty("seq").GetInt32(), channel.GetProperty("withdrawn").GetArrayLength())));
        Assert.All(
            (await bench.AnswerAsync("releases", product.Name)).GetProperty("releases").EnumerateArray(),
            release => Assert.False(release.TryGetProperty("withdrawn_unix_seconds", out _)));
        await bench.AnswerAsync(product.Publish("1.2.0"));
        await bench.AnswerAsync(
            "rerelease", product.Name, "1.0.0", "--as", "1.3.0", "--to", "stable", "--keys", product.Keys);
    }

    [Fact]
    public async Task What_a_replaced_key_withdrew_stays_when_the_publisher_says_so()
    {
        var (product, old) = await PublishTwoAsync();
        await bench.AnswerAsync(
            "withdraw", product.Name, "1.0.0", "--reason", "loses settings", "--keys", product.Keys);
        await RotateAsync(product);

        Assert.Equal("KEY_REMOVED", await bench.RefusalAsync(4, Renew(product)));
        var renewed = await bench.AnswerAsync([.. Renew(product), "--removed-key", "keep"]);

        Assert.Equal("beta", Only(renewed, "also_renewed").GetString());
        Assert.Empty(renewed.GetProperty("reinstated").EnumerateArray());
        Assert.All(
            await ChannelsAsync(product, "--root", product.Root),
            channel => Assert.Equal(old.ToString(), Only(channel, "withdrawn").GetString()));
        // Decided once: the key in force has signed it.
        Assert.Empty((await bench.AnswerAsync(Renew(product))).GetProperty("also_renewed").EnumerateArray());
        product.Write("file", 1_000, seed: 2);
        await bench.AnswerAsync(product.Publish("1.2.0"));
    }

    [Fact]
    public async Task A_removed_key_that_demands_nothing_needs_no_decision_and_what_it_made_current_is_named()
    {
        var (product, _) = await PublishTwoAsync();
        await RotateAsync(product);

        var renewed = await bench.AnswerAsync(Renew(product));

        Assert.Equal(
            "a removed key signed the last pointer of channel stable, which names 1.1.0, and so does the new one: make "
            + "sure that this is the release you want",
            Only(renewed, "warnings").GetString());
        Assert.Empty((await bench.AnswerAsync(Renew(product))).GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task A_pointer_withdraws_published_releases_of_its_product_and_platform_only()
    {
        var (product, _) = await PublishTwoAsync();
        var (_, foreign) = await PublishTwoAsync();

        foreach (var digest in new[] { Digest.Of("nothing"u8), foreign })
        {
            var refused = await Assert.ThrowsAnyAsync<ChunkOtaException>(
                () => StealAsync(product, pointer => pointer.Revoked.Add(digest.ToByteString())));
            Assert.Equal("RELEASE_UNKNOWN", refused.Code);
            Assert.Contains(
                $"withdraws an unknown release of {product.Name}", refused.Message, StringComparison.Ordinal);
        }

        Assert.All(await ChannelsAsync(product), channel => Assert.Empty(
            channel.GetProperty("withdrawn").EnumerateArray()));
    }

    [Fact]
    public async Task A_withdrawn_release_is_reinstated_by_its_version_or_its_manifest()
    {
        var (product, old) = await PublishTwoAsync();
        string[] withdraw = ["withdraw", product.Name, "1.0.0", "--reason", "by mistake", "--keys", product.Keys];
        string[] reinstate = ["reinstate", product.Name, "--keys", product.Keys];
        await bench.AnswerAsync(withdraw);

        var report = Only(await bench.AnswerAsync([.. reinstate, "1.0.0"]), "platforms");

        Assert.True(report.GetProperty("was_withdrawn").GetBoolean());
        Assert.Equal(old.ToString(), Only(report, "manifests").GetString());
        Assert.Equal(
            ["beta", "stable"], report.GetProperty("channels").EnumerateArray().Select(name => name.GetString()));
        Assert.All(
            await ChannelsAsync(product), channel => Assert.Empty(channel.GetProperty("withdrawn").EnumerateArray()));
        var again = await bench.RunAsync([.. reinstate, "1.0.0"]);
        Assert.Contains(
            "not withdrawn: 1.0.0 (channels: beta stable)", again.Succeeded().Out, StringComparison.Ordinal);
        Assert.Equal(
            "RELEASE_UNKNOWN", await bench.RefusalAsync(6, [.. reinstate, "--manifest", old.ToString()]));
        // A deleted channel that still said so does not bring the withdrawal back.
        await bench.AnswerAsync(withdraw);
        await bench.AnswerAsync("channels", "delete", product.Name, "beta");
        await bench.AnswerAsync([.. reinstate, "--manifest", old.ToString()]);
        await bench.AnswerAsync(Renew(product));
        await bench.AnswerAsync(product.Publish("1.1.0", "beta", "--create-channel"));
        Assert.All(
            await ChannelsAsync(product), channel => Assert.Empty(channel.GetProperty("withdrawn").EnumerateArray()));
        Assert.Equal("USAGE", await bench.RefusalAsync(2, reinstate));
        Assert.Equal("USAGE", await bench.RefusalAsync(2, [.. reinstate, "--manifest", "abc"]));
        Assert.Equal("VERSION_UNKNOWN", await bench.RefusalAsync(6, [.. reinstate, "9.0.0"]));
    }

    /// <summary>A product with 1.1.0 after 1.0.0, current in two channels.</summary>
    /// <returns>The product, and the manifest of 1.0.0.</returns>
    private async Task<(BenchProduct Product, Digest Old)> PublishTwoAsync()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        var old = await bench.AnswerAsync(product.Publish("1.0.0"));
        await bench.AnswerAsync(product.Publish("1.0.0", "beta", "--create-channel"));
        product.Write("file", 1_000, seed: 1);
        await bench.AnswerAsync(product.Publish("1.1.0"));
        await bench.AnswerAsync(product.Publish("1.1.0", "beta"));
        return (product, Digest.Parse(old.GetProperty("manifest_digest").GetString()!));
    }

    /// <summary>Signs the next pointers of all channels with the product's keys, as a thief of them does.</summary>
    private async Task StealAsync(BenchProduct product, Action<ChannelPointer> change)
    {
        using var keys = PublisherKeys.Open(
            KeySource.Of(product.Keys), product.Name, needsRelease: false, bench.Clock.GetUtcNow());
        using var connection = bench.Server.Connect(bench.Server.AdminToken);
        var server = new Administration.AdministrationClient(connection.Invoker);
        var listed = await server.ListChannelsAsync(new ListChannelsRequest { Product = product.Name });
        var request = new PutPointersRequest();
        foreach (var channel in listed.Channels)
        {
            var pointer = ChannelPointer.Parser.ParseFrom(channel.Pointer.Payload);
            pointer.Seq++;
            change(pointer);
            request.Pointers.Add(SignedDocument.Sign(PayloadTypes.Pointer, pointer.ToByteArray(), keys.Channel!));
        }

        await server.PutPointersAsync(request);
    }

    private async Task RotateAsync(BenchProduct product)
    {
        await bench.AnswerAsync("keys", "rotate", "channel", "--keys", product.Keys);
        await bench.AnswerAsync("products", "root", product.Name, "--root", product.Root);
    }

    private async Task<List<JsonElement>> ChannelsAsync(BenchProduct product, params string[] more) =>
        [.. (await bench.AnswerAsync(["channels", product.Name, .. more])).GetProperty("channels").EnumerateArray()];

    private static string[] Renew(BenchProduct product) =>
        ["channels", "renew", product.Name, "stable", "--platform", "linux-x64", "--keys", product.Keys];

    private static JsonElement Only(JsonElement answer, string list) =>
        Assert.Single(answer.GetProperty(list).EnumerateArray());
}
