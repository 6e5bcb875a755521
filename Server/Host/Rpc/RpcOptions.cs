using Grpc.AspNetCore.Server;

namespace ChunkOta.Server;

/// <summary>What holds for every gRPC call.</summary>
internal static class RpcOptions
{
    /// <summary>No message exceeds 1 MiB; the rest is for its envelope.</summary>
    public const int MaxMessageBytes = (1024 + 64) * 1024;

    public static void Configure(GrpcServiceOptions options)
    {
        options.MaxReceiveMessageSize = MaxMessageBytes;
        options.MaxSendMessageSize = MaxMessageBytes;
        options.EnableDetailedErrors = false;
        // Frames are compressed already, and a compressed message could be a bomb.
        options.CompressionProviders = [];
        options.Interceptors.Add<ErrorInterceptor>();
    }
}
