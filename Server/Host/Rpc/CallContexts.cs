using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>From a gRPC call to who makes it.</summary>
internal static class CallContexts
{
    /// <summary>Who makes the call.</summary>
    /// <exception cref="ChunkOtaException">As <see cref="Callers.IdentifyAsync"/>.</exception>
    public static ValueTask<Caller> IdentifyAsync(this Callers callers, ServerCallContext context) =>
        callers.IdentifyAsync(
            context.GetHttpContext().Request.Headers, context.Method, context.Host, context.CancellationToken);

    /// <summary>Sends all of a stream.</summary>
    public static async Task WriteAllAsync<T>(
        this IServerStreamWriter<T> writer, IAsyncEnumerable<T> messages, CancellationToken cancellationToken)
    {
        await foreach (var message in messages) await writer.WriteAsync(message, cancellationToken);
    }
}
