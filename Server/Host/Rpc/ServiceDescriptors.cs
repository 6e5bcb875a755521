using ChunkOta.Protos.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ChunkOta.Server;

/// <summary>The descriptors of this server's gRPC services.</summary>
internal static class ServiceDescriptors
{
    public static IReadOnlyList<ServiceDescriptor> All { get; } =
    [
        Administration.Descriptor,
        Publishing.Descriptor,
        Releases.Descriptor,
        Devices.Descriptor,
        // The service is hand-written, so its generated class has no descriptor of its own.
        ChunksReflection.Descriptor.Services.Single(),
    ];
}
