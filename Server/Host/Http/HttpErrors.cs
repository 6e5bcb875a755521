using System.Globalization;
using ChunkOta.Protos;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>Turns the failures of HTTP requests into a status, one line of text and the header
/// <c>ota-code</c>.</summary>
internal sealed class HttpErrors(FailedCalls failures)
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
            var answer = failures.Record($"{context.Request.Method} {context.Request.Path}", failure);
            // A length was promised: breaking the connection is the only way left to tell the caller.
            if (context.Response.HasStarted) context.Abort();
            else await AnswerAsync(context, answer);
        }
    }

    private static Task AnswerAsync(HttpContext context, ChunkOtaException failure)
    {
        var status = RpcErrors.ToRpc(failure).Status;
        var response = context.Response;
        response.Clear();
        response.StatusCode = StatusOf(status.StatusCode);
        response.Headers[RpcErrors.CodeTrailer] = failure.Code;
        response.Headers.CacheControl = "no-store";
        if (failure is ClockSkewException { ServerTime: { } time })
            response.Headers[RpcErrors.TimeTrailer] = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return response.WriteAsync($"error {failure.Code}: {status.Detail}\n", context.RequestAborted);
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
