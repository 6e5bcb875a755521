namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Build metadata (<c>1.4.2+b5</c>) is signed and shown, and does not tell releases apart.</summary>
public sealed class BuildMetadataTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task It_is_shown_wherever_the_version_is_and_may_be_left_out()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);

        var published = await bench.AnswerAsync(product.Publish("1.4.2+b5.main"));
        var text = await bench.RunAsync(product.Publish("1.4.2"));
        var listed = await bench.AnswerAsync("releases", product.Name);
        var table = await bench.RunAsync("releases", product.Name);
        var shown = await bench.RunAsync("show", product.Name, "1.4.2+b5.main", "--root", product.Root);

        Assert.Equal(("1.4.2", "b5.main"), (
            published.GetProperty("version").GetString(), published.GetProperty("build").GetString()));
        Assert.Contains($"already published {product.Name} 1.4.2+b5.main", text.Out, StringComparison.Ordinal);
        var line = Assert.Single(listed.GetProperty("releases").EnumerateArray());
        Assert.Equal(("1.4.2", "b5.main"), (
            line.GetProperty("version").GetString(), line.GetProperty("build").GetString()));
        Assert.Contains("1.4.2+b5.main", table.Out, StringComparison.Ordinal);
        Assert.Contains($"{product.Name} 1.4.2+b5.main linux-x64", shown.Out, StringComparison.Ordinal);
        Assert.Contains("verified", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_version_of_another_build_is_the_same_release()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync(product.Publish("1.0.0+b1"));

        var again = await bench.AnswerAsync(product.Publish("1.0.0+b2"));
        product.Write("file", 1_000, seed: 2);

        Assert.True(again.GetProperty("already_published").GetBoolean());
        Assert.Equal("b1", again.GetProperty("build").GetString());
        Assert.Equal("VERSION_TAKEN", await bench.RefusalAsync(7, product.Publish("1.0.0+b2")));
        Assert.Equal("VERSION_TAKEN", await bench.RefusalAsync(7, product.Publish("1.0.0")));
        await bench.AnswerAsync(product.Publish("1.0.1+b2"));
    }

    [Theory]
    [InlineData("1.0.0+")]
    [InlineData("1.0.0+a+b")]
    [InlineData("1.0.0+a..b")]
    [InlineData("1.0.0+a_b")]
    [InlineData("1.0+b5")]
    public async Task What_is_not_SemVer_is_refused(string version)
    {
        var product = await bench.CreateProductAsync();

        Assert.Equal("VERSION_INVALID", await bench.RefusalAsync(2, product.Publish(version)));
    }
}
