using System.Globalization;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Grpc.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace ChunkOta.Server;

/// <summary>Turns the failures of HTTP requests into a status and a problem (RFC 9457) with the stable code, which is
/// in the header <c>ota-code</c> too.</summary>
/// <param name="failures">Logs them.</param>
/// <param name="damage">Marks an object that a request could not read.</param>
internal sealed class HttpErrors(FailedCalls failures, DamageWatch damage)
{
    /// <summary>Serves a request; a failure becomes its answer, unless the answer has begun.</summary>
    public async Task GuardAsync(HttpContext context, Func<Task> serve)
    {
        try
        {
            await serve();
        }
        catch (Exception failure) when (FailedCalls.IsAbandoned(failure, context.RequestAborted))
        {
            context.Abort();
        }
        catch (Exception failure)
        {
            await damage.NoteAsync(failure, CancellationToken.None);
            var answer = failures.Record(
                $"{context.Request.Method} {context.Request.Path}", context.Connection.RemoteIpAddress, failure);
            // A length was promised: breaking the connection is the only way left to tell the caller.
            if (context.Response.HasStarted) context.Abort();
            else await AnswerAsync(context, StatusOf(RpcErrors.ToRpc(answer).StatusCode), answer);
        }
    }

    /// <summary>Describes a status that the framework or an endpoint chose without a body: an unknown path, a wrong
    /// method, a range beyond the end.</summary>
    public static Task DescribeAsync(StatusCodeContext answer)
    {
        var context = answer.HttpContext;
        var status = context.Response.StatusCode;
        var reason = ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant();
        return WriteAsync(context, status, new ChunkOtaException(
            ErrorCodes.CallInvalid, $"{reason}: {context.Request.Method} on this path: the server's manual lists all"));
    }

    /// <summary>Answers with a problem in place of what the answer was to be.</summary>
    public static Task AnswerAsync(HttpContext context, int status, ChunkOtaException failure)
    {
        context.Response.Clear();
        return WriteAsync(context, status, failure);
    }

    private static Task WriteAsync(HttpContext context, int status, ChunkOtaException failure)
    {
        var response = context.Response;
        response.Headers[RpcErrors.CodeTrailer] = failure.Code;
        if (RequestId.Current is { } request) response.Headers[RequestId.Header] = request;
        response.Headers.CacheControl = "no-store";
        if (failure is ClockSkewException { ServerTime: { } time })
            response.Headers[RpcErrors.TimeTrailer] = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        if (failure is RetryLaterException { RetryAfter: var wait })
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var meaning = ErrorMeaning.Of(failure.Code);
        return TypedResults.Problem(
            OneLine.Of(failure.Message), statusCode: status,
            extensions: new Dictionary<string, object?>
            {
                ["code"] = failure.Code,
                ["retryable"] = meaning.IsRetryable,
                ["hint"] = failure.Hint ?? meaning.Hint,
            }).ExecuteAsync(context);
    }

    private static int StatusOf(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.FailedPrecondition =>
            StatusCodes.Status400BadRequest,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
