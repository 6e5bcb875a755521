using ChunkOta.Protos;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ChunkOta.Server;

/// <summary>Turns every failure of a call into a gRPC status with its stable code;
/// nothing of ours leaks beyond that.</summary>
internal sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception failure)
        {
            throw ToRpc(failure, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception failure)
        {
            throw ToRpc(failure, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception failure)
        {
            throw ToRpc(failure, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception failure)
        {
            throw ToRpc(failure, context);
        }
    }

    private RpcException ToRpc(Exception failure, ServerCallContext context)
    {
        switch (failure)
        {
            case RpcException known:
                return known;
            case ChunkOtaException known:
                LogRefused(context.Method, known.Code, known.Message);
                return RpcErrors.ToRpc(known);
            case OperationCanceledException or IOException when context.CancellationToken.IsCancellationRequested:
                return new RpcException(new Status(StatusCode.Cancelled, "The caller went away"));
            default:
                LogFailed(failure, context.Method);
                return RpcErrors.ToRpc(
                    new ChunkOtaException(ErrorCodes.Internal, "The server failed; its log says how"));
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "{Method} refused: {Code}: {Reason}")]
    private partial void LogRefused(string method, string code, string reason);

    [LoggerMessage(4002, LogLevel.Error, "{Method} failed")]
    private partial void LogFailed(Exception failure, string method);
}
