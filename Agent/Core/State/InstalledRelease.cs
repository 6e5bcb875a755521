using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A release that lies complete under <c>releases/</c>.</summary>
/// <param name="Version">Its version, which is also the directory's name.</param>
/// <param name="ManifestDigest">The digest of its manifest.</param>
/// <param name="Counter">The manifest's counter: what "older" means.</param>
/// <param name="InstalledUnixSeconds">When it was put there, by the device's clock.</param>
public sealed record InstalledRelease(
    string Version, Digest ManifestDigest, ulong Counter, long InstalledUnixSeconds);
