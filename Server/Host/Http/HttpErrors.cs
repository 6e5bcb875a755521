using System.Globalization;
using ChunkOta.Protos;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>Turns the failures of HTTP requests into a status, one line of text and the header
/// <c>ota-code</c>.</summary>
internal sealed partial class HttpErrors(ILogger<HttpErrors> log)
{
    /// <summary>Runs a request; what it throws becomes its answer, if none has begun.</summary>
    public async Task GuardAsync(HttpContext context, Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or IOException
                && context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: there is no one to answer.
            context.Abort();
        }
        catch (Exception failure) when (context.Response.HasStarted)
        {
            // A length was promised; breaking the connection is the only way left to say that it will not be kept.
            LogBroken(failure, context.Request.Path);
            context.Abort();
        }
        catch (ChunkOtaException failure)
        {
            LogRefused(context.Request.Path, failure.Code, failure.Message);
            await AnswerAsync(context, failure);
        }
        catch (Exception failure)
        {
            LogBroken(failure, context.Request.Path);
            await AnswerAsync(
                context, new ChunkOtaException(ErrorCodes.Internal, "The server failed; its log says how"));
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

    [LoggerMessage(4050, LogLevel.Information, "{Path} refused: {Code}: {Reason}")]
    private partial void LogRefused(string path, string code, string reason);

    [LoggerMessage(4051, LogLevel.Error, "{Path} failed")]
    private partial void LogBroken(Exception failure, string path);
}
