namespace ChunkOta.Tests.Admin.AgainstServer;

public sealed class QuotaTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task A_publish_above_the_quota_stores_nothing_and_succeeds_once_it_is_raised()
    {
        var product = await bench.CreateProductAsync();
        product.Write("program", 3_000_000);
        var set = await bench.RunAsync("products", "quota", product.Name, "1MB");
        var before = await PacksAsync();

        Assert.Equal("QUOTA_EXCEEDED", await bench.RefusalAsync(8, product.Publish("1.0.0", "stable")));
        Assert.Equal(before, await PacksAsync());

        Assert.Equal($"product {product.Name} has 0 B of 1.0 MB\n", set.Out);
        await bench.AnswerAsync("products", "quota", product.Name, "10MB");
        await bench.AnswerAsync(product.Publish("1.0.0", "stable"));
        var use = await bench.AnswerAsync("products", "quota", product.Name, "none");
        Assert.InRange(use.GetProperty("stored_bytes").GetInt64(), 2_900_000, 3_100_000);
        Assert.Equal(0, use.GetProperty("pending_bytes").GetInt64());
        Assert.False(use.TryGetProperty("quota_bytes", out _));
    }

    [Fact]
    public async Task A_quota_that_is_exceeded_already_lets_nothing_more_in_and_keeps_what_is_there()
    {
        var product = await bench.CreateProductAsync();
        product.Write("program", 1_000_000);
        await bench.AnswerAsync(product.Publish("1.0.0", "stable"));
        await bench.AnswerAsync("products", "quota", product.Name, "500kB");
        product.Write("more", 10_000);

        var refused = await bench.RunAsync(product.Publish("1.1.0", "stable"));

        Assert.Equal(8, refused.ExitCode);
        Assert.Contains("ota-admin products quota", refused.Error, StringComparison.Ordinal);
        var listed = await bench.AnswerAsync("products", "list");
        var line = listed.GetProperty("products").EnumerateArray()
            .Single(one => one.GetProperty("product").GetString() == product.Name);
        Assert.Equal(500_000, line.GetProperty("quota_bytes").GetInt64());
        Assert.Equal(1, line.GetProperty("releases").GetInt32());
    }

    [Theory]
    [InlineData("lots")]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task What_is_not_a_size_is_a_usage_error(string size)
    {
        var product = await bench.CreateProductAsync();

        Assert.Equal("USAGE", await bench.RefusalAsync(2, "products", "quota", product.Name, size));
    }

    private async Task<int> PacksAsync() =>
        (await bench.AnswerAsync("stats")).GetProperty("store").GetProperty("packs").GetInt32();
}
