namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Names that real trees have, published as an option allows them.</summary>
public sealed class NameTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Theory]
    [InlineData(@"lib/systemd/system-systemd\x2dcryptsetup.slice", "a backslash")]
    [InlineData("img/\U0001f468\u200d\U0001f469.png", "U+200D")]
    [InlineData("\u0645\u06cc\u200c\u062e.txt", "U+200C")]
    public async Task What_Linux_can_hold_is_published_without_portability(string name, string says)
    {
        var product = await bench.CreateProductAsync();
        product.Write(name, 3);

        var refused = await bench.RunAsync(product.Publish("1.0.0"));
        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--portable", "off"));
        var shown = await bench.AnswerAsync("show", product.Name, "1.0.0", "--root", product.Root);

        Assert.Contains("error PATH_NOT_PORTABLE: ", refused.Error, StringComparison.Ordinal);
        Assert.Contains(says, refused.Error, StringComparison.Ordinal);
        Assert.Contains("--portable off", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u200d', refused.Error);
        var entry = Assert.Single(shown.GetProperty("entries").EnumerateArray());
        Assert.Equal(name, entry.GetProperty("path").GetString());
    }

    [Fact]
    public async Task The_target_of_a_link_follows_the_same_rule()
    {
        var product = await bench.CreateProductAsync();
        product.Write(@"a\b", 3);
        File.CreateSymbolicLink(Path.Combine(product.Tree, "link"), @"a\b");

        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--portable", "off"));
    }

    [Theory]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\tb", "U+0009")]
    [InlineData("a\u202eb", "U+202E")]
    [InlineData("a\u200bb", "U+200B")]
    public async Task What_can_be_shown_as_another_name_is_never_published(string name, string says)
    {
        var product = await bench.CreateProductAsync();
        product.Write(name, 3);

        var refused = await bench.RunAsync(product.Publish("1.0.0", "stable", "--portable", "off"));

        Assert.Contains("error PATH_CHARS: ", refused.Error, StringComparison.Ordinal);
        Assert.Contains(says, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(name, refused.Error, StringComparison.Ordinal);
    }
}
