using ChunkOta.Protos;
using Grpc.Core;

namespace ChunkOta.Tests.Protos.Errors;

public sealed class RpcErrorsTests
{
    [Fact]
    public void Every_code_crosses_the_wire()
    {
        foreach (var meaning in ErrorMeaning.All)
        {
            var failure = RpcErrors.ToRpc(new ChunkOtaException(meaning.Code, "the text"));

            Assert.Equal(meaning.Status, failure.StatusCode);
            var received = RpcErrors.FromRpc(failure);
            Assert.Equal((meaning.Code, "the text"), (received.Code, received.Message));
        }
    }

    [Fact]
    public void No_cause_or_stack_leaves_the_server()
    {
        var failure = RpcErrors.ToRpc(
            new ChunkOtaException("INTERNAL", "it broke\n at home", new InvalidOperationException("secret")));

        Assert.Null(failure.Status.DebugException);
        Assert.Equal(@"it broke\u{a} at home", failure.Status.Detail);
    }

    [Fact]
    public void The_servers_clock_comes_with_a_skew()
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

        var failure = RpcErrors.ToRpc(new ClockSkewException("your clock is off", time));

        Assert.Equal("1790000000", failure.Trailers.GetValue("ota-time"));
        Assert.Equal(time, Assert.IsType<ClockSkewException>(RpcErrors.FromRpc(failure)).ServerTime);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("999999999999999999")]
    [InlineData("99999999999999999999999")]
    public void A_time_that_is_none_is_no_time(string text)
    {
        var failure = new RpcException(new Status(StatusCode.Unauthenticated, "skew"),
            new Metadata { { "ota-code", "CLOCK_SKEW" }, { "ota-time", text } });

        Assert.Null(Assert.IsType<ClockSkewException>(RpcErrors.FromRpc(failure)).ServerTime);
    }

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(90, 90)]
    [InlineData(1e9, 24 * 3600)]
    public void The_time_to_wait_comes_with_a_refusal_in_whole_seconds(double seconds, int expected)
    {
        var failure = RpcErrors.ToRpc(
            new RetryLaterException(ErrorCodes.Throttled, "later", TimeSpan.FromSeconds(seconds)));

        var received = Assert.IsType<RetryLaterException>(RpcErrors.FromRpc(failure));
        Assert.Equal((ErrorCodes.Throttled, TimeSpan.FromSeconds(expected)), (received.Code, received.RetryAfter));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("soon")]
    public void A_wait_that_is_none_leaves_the_code(string text)
    {
        var failure = new RpcException(
            new Status(StatusCode.ResourceExhausted, "later"),
            new Metadata { { "ota-code", "THROTTLED" }, { "ota-retry-after", text } });

        var received = RpcErrors.FromRpc(failure);
        Assert.Equal(ErrorCodes.Throttled, received.Code);
        Assert.IsNotType<RetryLaterException>(received);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, "SERVER_UNAVAILABLE")]
    [InlineData(StatusCode.DeadlineExceeded, "SERVER_UNAVAILABLE")]
    [InlineData(StatusCode.Unknown, "SERVER_UNAVAILABLE")]
    [InlineData(StatusCode.Unimplemented, "SERVER_UNAVAILABLE")]
    [InlineData(StatusCode.ResourceExhausted, "TOO_LARGE")]
    public void Without_a_code_it_is_the_server_that_failed(StatusCode status, string code) =>
        Assert.Equal(code, RpcErrors.FromRpc(new RpcException(new Status(status, "x"))).Code);

    [Theory]
    [InlineData("HTTP status code: 413", "a proxy before the server refuses large requests: HTTP 413: take off")]
    [InlineData("HTTP status code: 502", "a proxy, or no ChunkOta server, answered: HTTP status code: 502: check")]
    [InlineData("Invalid content-type value: text/plain", "a proxy, or no ChunkOta server, answered: Invalid content")]
    [InlineData("HTTP status code: 511", "a web page answered instead of the server: log in to the network")]
    [InlineData("HTTP status code: 302", "a web page answered instead of the server: log in to the network")]
    [InlineData("Invalid content-type value: text/html", "a web page answered instead of the server: log in to the")]
    public void An_answer_in_plain_HTTP_is_told_as_a_proxys(string answer, string message) =>
        Assert.StartsWith(message, RpcErrors.FromRpc(new RpcException(
            new Status(StatusCode.Unknown, $"Bad gRPC response. {answer}"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("lower")]
    [InlineData("A B")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_trailer_that_is_no_code_is_not_believed(string code) =>
        Assert.Equal("SERVER_UNAVAILABLE", RpcErrors.FromRpc(new RpcException(
            new Status(StatusCode.Unavailable, "x"), new Metadata { { "ota-code", code } })).Code);

    [Fact]
    public void A_code_of_a_newer_server_is_passed_on() =>
        Assert.Equal("BRAND_NEW", RpcErrors.FromRpc(new RpcException(
            new Status(StatusCode.Aborted, "x"), new Metadata { { "ota-code", "BRAND_NEW" } })).Code);

    [Fact]
    public void Text_of_the_server_cannot_move_the_cursor()
    {
        var failure = RpcErrors.FromRpc(new RpcException(
            new Status(StatusCode.NotFound, "\u001b[2Jgone"), new Metadata { { "ota-code", "RELEASE_UNKNOWN" } }));

        Assert.Equal(@"\u{1b}[2Jgone", failure.Message);
    }

    [Fact]
    public void What_our_own_code_threw_in_the_client_library_comes_out()
    {
        var cause = new FrameInvalidException("no frame");
        var failure = new RpcException(new Status(StatusCode.Internal, "x", new InvalidOperationException("y", cause)));

        Assert.Same(cause, RpcErrors.FromRpc(failure));
    }
}
