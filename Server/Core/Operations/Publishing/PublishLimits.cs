namespace ChunkOta.Server.Core;

/// <summary>Limits of a publish.</summary>
/// <param name="ManifestBytes">The longest payload of a manifest, bytes.</param>
/// <param name="ReleaseBytes">The largest total size of a release's files, bytes.</param>
public sealed record PublishLimits(int ManifestBytes, long ReleaseBytes);
