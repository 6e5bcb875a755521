using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Paths;

/// <summary>The paths of a release that are the application's.</summary>
public sealed class MutablePathsTests
{
    [Theory]
    [InlineData("app.log", false, true)]
    [InlineData("lib/app.log", false, true)]
    [InlineData("keep.log", false, false)]
    [InlineData("cache", true, true)]
    [InlineData("cache", false, false)]
    [InlineData("cache/a/b", false, true)]
    [InlineData("lib/cache/a", false, false)]
    [InlineData("lib/app", false, false)]
    public void A_path_is_mutable_by_the_last_pattern_that_matches_or_by_its_directory(
        string path, bool isDirectory, bool isMutable)
    {
        var manifest = new Manifest { Mutable = { "*.log", "/cache/", "!keep.log" } };

        Assert.Equal(isMutable, MutablePaths.Of(manifest).Matches(path, isDirectory));
    }

    [Fact]
    public void Without_patterns_nothing_is_mutable() =>
        Assert.False(MutablePaths.Of(new Manifest()).Matches("a", false));
}
