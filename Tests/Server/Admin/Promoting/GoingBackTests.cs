using ChunkOta.Admin;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Admin.Promoting;

public sealed class GoingBackTests
{
    [Theory]
    [InlineData("1.4.2", "1.4.3")]
    [InlineData("1.4.9", "1.4.10")]
    [InlineData("1.4.99999999999999999999", "1.4.100000000000000000000")]
    [InlineData("1.4.2-rc.1", "1.4.2")]
    public void The_version_that_is_suggested_comes_after_the_current_one(string current, string next)
    {
        Assert.Equal(next, GoingBack.After(current));
        Assert.True(ReleaseVersion.Parse(next) > ReleaseVersion.Parse(current));
    }
}
