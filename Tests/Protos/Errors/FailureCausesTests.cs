using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Errors;

public sealed class FailureCausesTests
{
    public static TheoryData<Exception, FailureCause> Connections => new()
    {
        { new SocketException((int)SocketError.HostNotFound), FailureCause.Dns },
        { new SocketException((int)SocketError.TryAgain), FailureCause.Dns },
        { new SocketException((int)SocketError.ConnectionRefused), FailureCause.Connect },
        { new SocketException((int)SocketError.NetworkUnreachable), FailureCause.Connect },
        { new IOException("reset"), FailureCause.Connect },
        { new AuthenticationException("no"), FailureCause.Tls },
        { new HttpRequestException(HttpRequestError.NameResolutionError), FailureCause.Dns },
        { new HttpRequestException(HttpRequestError.SecureConnectionError), FailureCause.Tls },
        { new HttpRequestException(HttpRequestError.ConnectionError), FailureCause.Connect },
        { new HttpRequestException(HttpRequestError.ProxyTunnelError), FailureCause.Proxy },
        { new HttpRequestException("407", null, HttpStatusCode.ProxyAuthenticationRequired), FailureCause.Proxy },
        { new InvalidOperationException("anything else"), FailureCause.Server },
    };

    [Theory]
    [MemberData(nameof(Connections))]
    public void A_server_that_is_not_reached_is_explained_by_what_is_behind_the_failure(
        Exception behind, FailureCause expected)
    {
        var failure = new ChunkOtaException(
            ErrorCodes.ServerUnavailable, "away", new InvalidOperationException("outer", behind));

        Assert.Equal(expected, FailureCauses.Of(failure));
    }

    [Theory]
    [InlineData(ErrorCodes.TooSlow, "too_slow")]
    [InlineData(ErrorCodes.ClockSkew, "clock")]
    [InlineData(ErrorCodes.Expired, "clock")]
    [InlineData(ErrorCodes.DeviceUnknown, "auth")]
    [InlineData(ErrorCodes.TokenInvalid, "auth")]
    [InlineData(ErrorCodes.DiskFull, "disk")]
    [InlineData(ErrorCodes.IoError, "disk")]
    [InlineData(ErrorCodes.ChunkHash, "verify")]
    [InlineData(ErrorCodes.SigInvalid, "verify")]
    [InlineData(ErrorCodes.FileHash, "verify")]
    [InlineData(ErrorCodes.StoreUnavailable, "server")]
    [InlineData(ErrorCodes.TlsRefused, "tls")]
    [InlineData(ErrorCodes.Usage, "other")]
    [InlineData("CODE_OF_A_NEWER_SERVER", "other")]
    public void A_code_stands_for_a_cause(string code, string expected)
    {
        Assert.Equal(expected, FailureCauses.Of(new ChunkOtaException(code, "text")).ToWord());
    }

    [Fact]
    public void Every_code_has_a_cause_and_every_cause_a_word()
    {
        foreach (var meaning in ErrorMeaning.All)
            Assert.True(Enum.IsDefined(FailureCauses.OfCode(meaning.Code)));
        Assert.Equal(
            Enum.GetValues<FailureCause>().Length,
            Enum.GetValues<FailureCause>().Select(cause => cause.ToWord()).Distinct().Count());
    }

    [Fact]
    public void What_the_place_that_failed_knows_comes_first()
    {
        Assert.Equal(FailureCause.Quota, FailureCauses.Of(
            new ChunkOtaException(ErrorCodes.DiskFull, "full") { Cause = FailureCause.Quota }));
    }
}
