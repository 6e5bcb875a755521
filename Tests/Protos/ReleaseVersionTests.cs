using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos;

public sealed class ReleaseVersionTests
{
    // The valid examples of semver.org's regular expression, those with build metadata left out.
    [Theory]
    [InlineData("0.0.4")]
    [InlineData("1.2.3")]
    [InlineData("10.20.30")]
    [InlineData("1.1.2-prerelease")]
    [InlineData("1.0.0-alpha")]
    [InlineData("1.0.0-beta")]
    [InlineData("1.0.0-alpha.beta")]
    [InlineData("1.0.0-alpha.beta.1")]
    [InlineData("1.0.0-alpha.1")]
    [InlineData("1.0.0-alpha0.valid")]
    [InlineData("1.0.0-alpha.0valid")]
    [InlineData("1.0.0-rc.1")]
    [InlineData("1.2.3-beta")]
    [InlineData("10.2.3-DEV-SNAPSHOT")]
    [InlineData("1.2.3-SNAPSHOT-123")]
    [InlineData("1.0.0")]
    [InlineData("2.0.0")]
    [InlineData("1.1.7")]
    [InlineData("1.2.3----RC-SNAPSHOT.12.9.1--.12")]
    [InlineData("1.2.3----R-S.12.9.1--.12")]
    [InlineData("99999999999999999999999.999999999999999999.99999999999999999")]
    [InlineData("1.0.0-0A.is.legal")]
    [InlineData("1.0.0--")]
    public void A_version_is_read_and_written_as_it_is(string text) =>
        Assert.Equal(text, ReleaseVersion.Parse(text).ToString());

    [Theory]
    [InlineData("1.0.0", "1.0.0", "")]
    [InlineData("1.4.2+b5", "1.4.2", "b5")]
    [InlineData("1.0.0-rc.1+001.sha-5114f85", "1.0.0-rc.1", "001.sha-5114f85")]
    [InlineData("1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.0.0", "0.build.1-rc.10000aaa-kk-0.1")]
    public void Build_metadata_is_told_from_the_version(string text, string version, string build)
    {
        Assert.Equal(version, ReleaseVersion.ParseWithBuild(text, out var actual).ToString());
        Assert.Equal(build, actual);
        Assert.Equal(text, ReleaseVersion.Describe(version, build));
    }

    [Theory]
    [InlineData("1.0.0+")]
    [InlineData("1.0.0+a..b")]
    [InlineData("1.0.0+a+b")]
    [InlineData("1.0.0+a_b")]
    [InlineData("1.0.0+a\n")]
    [InlineData("1.0+b5")]
    public void What_is_not_build_metadata_is_refused(string text) => Assert.Equal(
        "VERSION_INVALID",
        Assert.Throws<ChunkOtaException>(() => ReleaseVersion.ParseWithBuild(text, out _)).Code);

    // Its invalid examples, and all with build metadata.
    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3-0123")]
    [InlineData("1.2.3-0123.0123")]
    [InlineData("1.1.2+.123")]
    [InlineData("+invalid")]
    [InlineData("-invalid")]
    [InlineData("-invalid+invalid")]
    [InlineData("-invalid.01")]
    [InlineData("alpha")]
    [InlineData("alpha.beta")]
    [InlineData("alpha.beta.1")]
    [InlineData("alpha.1")]
    [InlineData("alpha+beta")]
    [InlineData("alpha_beta")]
    [InlineData("alpha.")]
    [InlineData("alpha..")]
    [InlineData("beta")]
    [InlineData("1.0.0-alpha_beta")]
    [InlineData("-alpha.")]
    [InlineData("1.0.0-alpha..")]
    [InlineData("1.0.0-alpha..1")]
    [InlineData("1.0.0-alpha...1")]
    [InlineData("1.0.0-")]
    [InlineData("1.0.0-.")]
    [InlineData("01.1.1")]
    [InlineData("1.01.1")]
    [InlineData("1.1.01")]
    [InlineData("1.2.3.DEV")]
    [InlineData("1.2-SNAPSHOT")]
    [InlineData("1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788")]
    [InlineData("1.2-RC-SNAPSHOT")]
    [InlineData("-1.0.3-gamma+b7718")]
    [InlineData("+justmeta")]
    [InlineData("9.8.7+meta+meta")]
    [InlineData("9.8.7-whatever+meta+meta")]
    [InlineData("1.1.2+meta")]
    [InlineData("1.0.0-alpha+beta")]
    [InlineData("v1.2.3")]
    [InlineData(" 1.2.3")]
    [InlineData("1.2.3 ")]
    [InlineData("1.2.3\n")]
    [InlineData("1.2.٣")]
    [InlineData("1..3")]
    [InlineData(".1.2.3")]
    [InlineData("1.2.3.")]
    public void Anything_else_is_no_version(string text)
    {
        Assert.False(ReleaseVersion.TryParse(text, out _));
        Assert.Equal("VERSION_INVALID", Assert.Throws<ChunkOtaException>(() => ReleaseVersion.Parse(text)).Code);
    }

    [Fact]
    public void A_version_has_at_most_128_characters()
    {
        Assert.True(ReleaseVersion.TryParse("1.0.0-" + new string('a', 122), out _));
        Assert.False(ReleaseVersion.TryParse("1.0.0-" + new string('a', 123), out _));
    }

    [Fact]
    public void Versions_are_ordered_as_SemVer_says()
    {
        string[] ascending =
        [
            "0.0.0-0", "0.0.0", "0.0.9", "0.0.10", "0.1.0", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-11",
            "1.0.0-99999999999999999999",
            "1.0.0--", "1.0.0-1a", "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.1.0", "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0", "2.1.0", "2.1.1", "10.0.13",
            "10.0.14",
            "99999999999999999998.0.0", "99999999999999999999.0.0",
        ];

        for (var left = 0; left < ascending.Length; left++)
            for (var right = 0; right < ascending.Length; right++)
            {
                var (one, two) = (ReleaseVersion.Parse(ascending[left]), ReleaseVersion.Parse(ascending[right]));
                Assert.True(Math.Sign(one.CompareTo(two)) == Math.Sign(left.CompareTo(right)), $"{one} and {two}");
                Assert.Equal(left == right, one == two);
            }
    }

    [Fact]
    public void A_prerelease_is_told_from_a_release()
    {
        Assert.True(ReleaseVersion.Parse("1.0.0-rc.1").IsPrerelease);
        Assert.False(ReleaseVersion.Parse("1.0.0").IsPrerelease);
    }
}
