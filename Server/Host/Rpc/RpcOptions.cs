using Grpc.AspNetCore.Server;

namespace ChunkOta.Server;

/// <summary>Options of all gRPC calls.</summary>
internal static class RpcOptions
{
    /// <summary>1 MiB for a message's content and some more for its framing.</summary>
    public const int MaxMessageBytes = (1024 + 64) * 1024;

    public static void Configure(GrpcServiceOptions options)
    {
        options.MaxReceiveMessageSize = MaxMessageBytes;
        options.MaxSendMessageSize = MaxMessageBytes;
        options.EnableDetailedErrors = false;
        // Frames are compressed already, and a compressed message could be a decompression bomb.
        options.CompressionProviders = [];
        options.Interceptors.Add<ErrorInterceptor>();
    }
}
