using ChunkOta.Protos;
using ChunkOta.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ChunkOta.Server;

/// <summary>Turns every failure of a call into a gRPC status with its stable code.</summary>
/// <param name="failures">Logs them.</param>
/// <param name="damage">Marks an object that a call could not read.</param>
internal sealed class ErrorInterceptor(FailedCalls failures, DamageWatch damage) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => AnswerAsync(continuation(request, responseStream, context)));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => AnswerAsync(continuation(requestStream, responseStream, context)));

    private async Task<T> GuardAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        var http = context.GetHttpContext();
        MalformedCalls.NoteRead(http);
        try
        {
            return await call();
        }
        catch (RpcException)
        {
            throw;
        }
        catch (Exception failure) when (FailedCalls.IsAbandoned(failure, context.CancellationToken))
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "the caller cancelled the call"));
        }
        catch (Exception failure)
        {
            await damage.NoteAsync(failure, CancellationToken.None);
            var answer = RpcErrors.ToRpc(
                failures.Record(context.Method, http.Connection.RemoteIpAddress, failure));
            if (RequestId.Current is { } request) answer.Trailers.Add(RequestId.Header, request);
            throw answer;
        }
    }

    /// <summary>A call without an answer of its own, as one with an answer that nobody reads.</summary>
    private static async Task<bool> AnswerAsync(Task call)
    {
        await call;
        return true;
    }
}
