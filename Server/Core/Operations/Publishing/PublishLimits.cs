namespace ChunkOta.Server.Core;

/// <summary>Limits of a publish.</summary>
/// <param name="ManifestBytes">The longest payload of a manifest, bytes.</param>
/// <param name="ReleaseBytes">The most that the files of a release may weigh together, bytes.</param>
public sealed record PublishLimits(int ManifestBytes, long ReleaseBytes);
