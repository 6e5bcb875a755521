using ChunkOta.Protos;
using ChunkOta.Server.Core;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>Adds the caller and whole streams to gRPC's own types.</summary>
internal static class CallContexts
{
    /// <summary>Authenticates the call.</summary>
    /// <exception cref="ChunkOtaException">As <see cref="Callers.IdentifyAsync"/>.</exception>
    public static ValueTask<Caller> IdentifyAsync(this ServerOperations operations, ServerCallContext context)
    {
        var headers = context.GetHttpContext().Request.Headers;
        return operations.Callers.IdentifyAsync(
            new ReceivedCredentials(
                headers.Authorization, headers[DeviceCall.HeaderName], context.Method, context.Host),
            context.CancellationToken);
    }

    /// <summary>Sends all messages.</summary>
    public static async Task WriteAllAsync<T>(
        this IServerStreamWriter<T> writer, IAsyncEnumerable<T> messages, CancellationToken cancellationToken)
    {
        await foreach (var message in messages) await writer.WriteAsync(message, cancellationToken);
    }

    /// <summary>Sends all messages.</summary>
    public static async Task WriteAllAsync<T>(
        this IServerStreamWriter<T> writer, IEnumerable<T> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages) await writer.WriteAsync(message, cancellationToken);
    }
}
