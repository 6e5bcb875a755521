namespace ChunkOta.Server.Core;

/// <summary>The credentials of one call, as the transport received them.</summary>
/// <param name="Authorization">The values of the header <c>authorization</c>.</param>
/// <param name="DeviceCalls">The values of the header <c>ota-device</c>.</param>
/// <param name="Method">The method that a device signs: the gRPC path, or <c>GET /path</c>.</param>
/// <param name="Authority">The authority that a device signs: the <c>:authority</c> or <c>Host</c> it sent.</param>
public readonly record struct ReceivedCredentials(
    IReadOnlyList<string?> Authorization, IReadOnlyList<string?> DeviceCalls, string Method, string Authority);
