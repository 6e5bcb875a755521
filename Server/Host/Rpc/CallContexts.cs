using ChunkOta.Server.Core;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>Adds the caller and whole streams to gRPC's own types.</summary>
internal static class CallContexts
{
    /// <summary>Authenticates the call.</summary>
    /// <exception cref="ChunkOtaException">As <see cref="CallerGate.IdentifyAsync"/>.</exception>
    public static ValueTask<Caller> IdentifyAsync(this CallerGate gate, ServerCallContext context) =>
        gate.IdentifyAsync(context.GetHttpContext(), context.Method, context.Host);

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
