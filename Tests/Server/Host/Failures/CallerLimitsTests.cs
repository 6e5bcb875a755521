using System.Net;
using ChunkOta.Server;

namespace ChunkOta.Tests.Server.Failures;

public sealed class CallerLimitsTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    public void Addresses_that_are_one_caller_share_a_limit(string first, string second)
    {
        using var limits = new CallerLimits();
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(limits.FindWait(CredentialKind.Token, IPAddress.Parse(second)));
            limits.CountWrong(CredentialKind.Token, IPAddress.Parse(first));
        }

        Assert.NotNull(limits.FindWait(CredentialKind.Token, IPAddress.Parse(second)));
        Assert.Null(limits.FindWait(CredentialKind.Signature, IPAddress.Parse(second)));
    }

    [Fact]
    public void One_address_limits_few_others()
    {
        using var limits = new CallerLimits();
        for (var i = 0; i < 21; i++) limits.CountWrong(CredentialKind.Token, IPAddress.Parse("192.0.2.1"));

        var limited = Enumerable.Range(0, 1000).Count(i => limits.FindWait(
            CredentialKind.Token, new IPAddress([198, 51, (byte)(i >> 8), (byte)i])) is not null);

        Assert.InRange(limited, 0, 20);
    }

    [Fact]
    public void Lines_that_are_left_out_are_counted()
    {
        using var limits = new CallerLimits();
        var peer = IPAddress.Parse("192.0.2.1");
        var logged = Enumerable.Range(0, 150).Count(_ => limits.TryLog(peer, out var _));

        Assert.InRange(logged, 100, 110);
        Assert.False(limits.TryLog(peer, out var unlogged));
        Assert.InRange(unlogged, 30, 51);
    }
}
