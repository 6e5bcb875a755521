using System.Text.Json;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Lists longer than a message: nothing is cut, and deleted channels do not count.</summary>
public sealed class ManyChannelsTests(AdminBench bench) : IClassFixture<AdminBench>
{
    private const int Channels = 205;

    [Fact]
    public async Task A_product_with_hundreds_of_channels_is_managed_like_any_other()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 50_000);
        await bench.AnswerAsync(product.Publish("1.0.0", NameOf(0)));
        product.Write("file", 50_000, seed: 1);
        await bench.AnswerAsync(product.Publish("2.0.0", NameOf(0), "--hold"));
        for (var i = 1; i < Channels; i++) await PromoteAsync(product, "1.0.0", NameOf(i), "--create-channel");
        for (var i = 0; i < 3; i++) await bench.AnswerAsync("channels", "delete", product.Name, NameOf(i), "--force");

        Assert.Equal(
            Enumerable.Range(3, Channels - 3).Select(NameOf),
            (await ListAsync(product)).Select(channel => channel.GetProperty("channel").GetString()));

        // A withdrawal moves every channel at once, or none.
        await bench.AnswerAsync(
            "withdraw", product.Name, "2.0.0", "--reason", "loses settings", "--keys", product.Keys);
        Assert.All(
            await ListAsync(product), channel => Assert.Equal(1, channel.GetProperty("withdrawn").GetArrayLength()));

        // The last channel, and one that was deleted, carry the withdrawal on.
        var last = NameOf(Channels - 1);
        await bench.AnswerAsync(
            "channels", "renew", product.Name, last, "--platform", "linux-x64", "--keys", product.Keys);
        product.Write("file", 50_000, seed: 2);
        await bench.AnswerAsync(product.Publish("3.0.0", last));
        await bench.AnswerAsync(product.Publish("3.0.0", NameOf(0), "--create-channel"));
        await bench.AnswerAsync(product.Publish("3.0.0", "new", "--create-channel"));
        await PromoteAsync(product, "3.0.0", NameOf(100));

        var moved = (await ListAsync(product)).Where(channel => channel.GetProperty("version").GetString() == "3.0.0")
            .ToDictionary(channel => channel.GetProperty("channel").GetString()!);
        Assert.Equal([NameOf(0), NameOf(100), last, "new"], moved.Keys.Order(StringComparer.Ordinal));
        Assert.All(moved.Values, channel => Assert.Equal(1, channel.GetProperty("withdrawn").GetArrayLength()));
        Assert.Equal(2, moved[NameOf(0)].GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task A_deleted_channel_is_not_what_a_release_is_compared_with()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 100_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        await bench.AnswerAsync("channels", "delete", product.Name, "stable", "--force");
        product.Write("file", 30_000);
        await bench.AnswerAsync(product.Publish("1.1.0", "small", "--allow-shrink"));

        product.Write("file", 29_000);
        await bench.AnswerAsync(product.Publish("1.2.0", "stable", "--create-channel"));
    }

    private static string NameOf(int channel) => $"c{channel:d3}";

    private async Task<IReadOnlyList<JsonElement>> ListAsync(BenchProduct product) =>
        [.. (await bench.AnswerAsync("channels", product.Name)).GetProperty("channels").EnumerateArray()];

    private Task<JsonElement> PromoteAsync(
        BenchProduct product, string version, string channel, params string[] more) =>
        bench.AnswerAsync(["promote", product.Name, version, "--to", channel, "--keys", product.Keys, .. more]);
}
