using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Protos;

/// <summary>
/// The types of signed documents. The type is part of the signed bytes, so no kind can be taken for another.
/// </summary>
public static class PayloadTypes
{
    /// <summary>A release's manifest: the serialised protobuf message <c>Manifest</c>.</summary>
    public const string Manifest = "application/vnd.chunkota.manifest.v1+protobuf";

    /// <summary>A channel pointer: the serialised protobuf message <c>ChannelPointer</c>.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "A channel pointer, the glossary's word.")]
    public const string Pointer = "application/vnd.chunkota.pointer.v1+protobuf";

    /// <summary>A trust root: the serialised protobuf message <c>TrustRoot</c>.</summary>
    public const string Root = "application/vnd.chunkota.root.v1+protobuf";

    /// <summary>A device's call: text, see <see cref="DeviceCall"/>.</summary>
    public const string DeviceCall = "application/vnd.chunkota.device-call.v1";

    /// <summary>A device's enrolment: token id (12 bytes) and public key (32 bytes).</summary>
    public const string Enrol = "application/vnd.chunkota.enrol.v1";
}
