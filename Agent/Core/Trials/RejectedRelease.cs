using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A release that this device does not install again by itself: it failed here, or a person went back from
/// it.</summary>
/// <param name="Version">Its version.</param>
/// <param name="ManifestDigest">The digest of its manifest.</param>
/// <param name="UnixSeconds">When, by the device's clock, Unix seconds.</param>
/// <param name="Cause">Why it does not work; null when a person went back from it.</param>
public sealed record RejectedRelease(string Version, Digest ManifestDigest, long UnixSeconds, string? Cause);
