using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A release that is installed, complete under its own name.</summary>
/// <param name="Version">Its version, which is also the directory's name.</param>
/// <param name="ManifestDigest">The digest of its manifest.</param>
/// <param name="Counter">The manifest's counter: of two releases, the one with the lower counter is older.</param>
/// <param name="InstalledUnixSeconds">The moment of its installation by the device's clock, Unix seconds.</param>
public sealed record InstalledRelease(
    string Version, Digest ManifestDigest, ulong Counter, long InstalledUnixSeconds);
