using System.Buffers;
using System.Globalization;
using Grpc.Core;

namespace ChunkOta.Protos;

/// <summary>The one map between failures and gRPC: a status and a text, with the stable code in a trailer.</summary>
public static class RpcErrors
{
    /// <summary>The trailer with the stable code.</summary>
    public const string CodeTrailer = "ota-code";

    /// <summary>
    /// The trailer with the server's clock in Unix seconds, beside <see cref="ErrorCodes.ClockSkew"/>.
    /// </summary>
    public const string TimeTrailer = "ota-time";

    /// <summary>The trailer with the whole seconds to wait, beside <see cref="ErrorCodes.Throttled"/> and
    /// <see cref="ErrorCodes.RateLimited"/>.</summary>
    public const string RetryTrailer = "ota-retry-after";

    /// <summary>A server that names a longer time is not waited for that long.</summary>
    private const int MaxRetrySeconds = 24 * 3600;

    private const int MaxCodeLength = 64;

    /// <summary>The beginning of the gRPC library's text for an answer that no gRPC server gave.</summary>
    private const string Foreign = "Bad gRPC response. ";

    private static readonly SearchValues<char> CodeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    /// <summary>The failure as a server answers it.</summary>
    /// <param name="failure">What an operation threw. Its stack and causes stay here.</param>
    public static RpcException ToRpc(ChunkOtaException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var trailers = new Metadata { { CodeTrailer, failure.Code } };
        if (failure is ClockSkewException { ServerTime: { } time })
            trailers.Add(TimeTrailer, time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (failure is RetryLaterException { RetryAfter: var wait })
            trailers.Add(RetryTrailer, Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        var status = new Status(ErrorMeaning.Of(failure.Code).Status, OneLine.Of(failure.Message));
        return new RpcException(status, trailers);
    }

    /// <summary>The failure behind a call that did not end well.</summary>
    /// <param name="failure">What the client library threw.</param>
    /// <returns>
    /// With the code that the server sent; without one, SERVER_UNAVAILABLE, but TOO_LARGE for a message above the
    /// limit, and what a message could not be read for.
    /// </returns>
    public static ChunkOtaException FromRpc(RpcException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var text = OneLine.Of(failure.Status.Detail);
        if (failure.Trailers.GetValue(CodeTrailer) is { } code && IsCode(code))
        {
            return code == ErrorCodes.ClockSkew ? new ClockSkewException(text, ServerTime(failure.Trailers))
                : RetryAfter(failure.Trailers) is { } wait ? new RetryLaterException(code, text, wait, failure)
                : new ChunkOtaException(code, text, failure);
        }

        if (Cause(failure) is { } cause)
            return cause;
        return failure.StatusCode switch
        {
            StatusCode.ResourceExhausted => new(ErrorCodes.TooLarge, $"a message is above its limit: {text}", failure),
            StatusCode.Unimplemented => new(ErrorCodes.ServerUnavailable,
                "the server does not know this call: it is older than this program, or no ChunkOta server", failure),
            _ => new(ErrorCodes.ServerUnavailable, WhatAnswered(text), failure)
            {
                Cause = text.StartsWith(Foreign, StringComparison.Ordinal) ? FailureCause.Proxy : null,
            },
        };
    }

    /// <summary>Tells a failure on the way from the answer of a proxy, or of another server, in plain HTTP.</summary>
    private static string WhatAnswered(string text)
    {
        if (!text.StartsWith(Foreign, StringComparison.Ordinal))
            return $"the server could not be asked: {text}";
        // A page, a redirect to one, or 511, which RFC 6585 has for this: a network that wants a login.
        if (text.Contains("text/html", StringComparison.Ordinal) || text[^4..] is " 302" or " 303" or " 307" or " 511")
            return "a web page answered instead of the server: log in to the network, or check the address";
        return text.EndsWith(" 413", StringComparison.Ordinal)
            ? "a proxy before the server refuses large requests: HTTP 413: "
                + "take off its limit, such as by client_max_body_size 0 in nginx"
            : $"a proxy, or no ChunkOta server, answered: {text[Foreign.Length..]}: "
                + "check the address, and the proxy's settings by docs/server.md";
    }

    /// <summary>
    /// The exception that this product's own code threw inside the client library, such as while reading a message.
    /// </summary>
    private static ChunkOtaException? Cause(RpcException failure)
    {
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
            if (cause is ChunkOtaException ours)
                return ours;
        return null;
    }

    private static bool IsCode(string text) =>
        text.Length is > 0 and <= MaxCodeLength
        && !text.AsSpan().ContainsAnyExcept(CodeCharacters);

    private static TimeSpan? RetryAfter(Metadata trailers) =>
        int.TryParse(trailers.GetValue(RetryTrailer), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 1, MaxRetrySeconds))
            : null;

    private static DateTimeOffset? ServerTime(Metadata trailers) =>
        long.TryParse(trailers.GetValue(TimeTrailer), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
