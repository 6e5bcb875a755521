using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ChunkOta.Server;

/// <summary>The descriptors of the services that this server serves.</summary>
internal static class ServiceDescriptors
{
    public static IReadOnlyList<ServiceDescriptor> All { get; } =
    [
        Administration.Descriptor,
        Publishing.Descriptor,
        Releases.Descriptor,
        Devices.Descriptor,
        // Its code is hand-written, so nothing else carries its descriptor.
        ChunksReflection.Descriptor.Services.Single(),
    ];
}
