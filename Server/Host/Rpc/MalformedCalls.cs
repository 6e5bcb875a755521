using ChunkOta.Protos;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>Gives a code to calls that gRPC itself refuses: it reads the message before an interceptor is asked, and
/// knows no codes.</summary>
internal sealed class MalformedCalls(RequestDelegate next, FailedCalls failures)
{
    private static readonly object ReadKey = new();

    /// <summary>Notes that the request was read: what goes wrong from now on is not the caller's message.</summary>
    public static void NoteRead(HttpContext context) => context.Items[ReadKey] = true;

    public async Task InvokeAsync(HttpContext context)
    {
        if (MethodOf(context) is not null && IsCompressed(context.Request))
        {
            // Whatever gRPC can unpack: a small message could become one of gigabytes.
            context.Response.ContentType = "application/grpc";
            Answer(context, context.Response.Headers, FailedCalls.Malformed("its messages are compressed"));
            return;
        }

        await next(context);
        if (!IsOurs(context) || GrpcTrailers.Of(context.Response) is not { } trailers
            || trailers.ContainsKey(RpcErrors.CodeTrailer)
            || !Enum.TryParse<StatusCode>(trailers[GrpcTrailers.Status].ToString(), out var status)
            || FailureOf(status, context.Items.ContainsKey(ReadKey))
                is not { } failure)
            return;

        Answer(context, trailers, failure);
    }

    private void Answer(HttpContext context, IHeaderDictionary trailers, Exception failure)
    {
        var answer = failures.Record(context.Request.Path.ToString(), context.Connection.RemoteIpAddress, failure);
        var told = RpcErrors.ToRpc(answer).Status;
        trailers[GrpcTrailers.Status] = $"{(int)told.StatusCode}";
        trailers[GrpcTrailers.Message] = Uri.EscapeDataString(told.Detail);
        trailers[RpcErrors.CodeTrailer] = answer.Code;
        if (RequestId.Current is { } request) trailers[RequestId.Header] = request;
    }

    /// <summary>Any value counts: gRPC joins the values of a repeated header.</summary>
    private static bool IsCompressed(HttpRequest request) =>
        request.Headers.GrpcEncoding.Any(encoding => encoding is { Length: > 0 } and not "identity");

    private static bool IsOurs(HttpContext context) =>
        MethodOf(context) is { ServiceName: var service } && service.StartsWith("chunkota.", StringComparison.Ordinal);

    private static IMethod? MethodOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method;

    private static Exception? FailureOf(StatusCode status, bool isRead) => status switch
    {
        StatusCode.Unknown when isRead => new InvalidOperationException("the answer cannot be written"),
        StatusCode.Unknown => FailedCalls.Malformed("its message cannot be read"),
        StatusCode.Internal => FailedCalls.Malformed("its message is incomplete"),
        StatusCode.Unimplemented => FailedCalls.Malformed("its compression is not supported"),
        StatusCode.ResourceExhausted => new ChunkOtaException(
            ErrorCodes.TooLarge,
            $"a message is too large: the limit is {SizeText.Of(RpcOptions.MaxMessageBytes)}: send less at once"),
        _ => null,
    };
}
