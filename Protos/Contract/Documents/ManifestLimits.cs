namespace ChunkOta.Protos;

/// <summary>
/// The size limits of a manifest, checked before it is parsed, so that no document can exhaust memory.
/// </summary>
/// <param name="MaxPayloadBytes">The longest payload in bytes.</param>
/// <param name="MaxEntries">The most entries.</param>
public sealed record ManifestLimits(int MaxPayloadBytes, int MaxEntries)
{
    /// <summary>64 MiB and 250,000 entries.</summary>
    public static ManifestLimits Default { get; } = new(64 * 1024 * 1024, 250_000);
}
