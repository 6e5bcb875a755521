using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A release that is downloaded and complete, and waits to become current.</summary>
/// <param name="Version">Its version.</param>
/// <param name="ManifestDigest">The digest of its manifest.</param>
/// <param name="SinceUnixSeconds">When it was complete, Unix seconds; never before the time floor.</param>
internal sealed record StagedRelease(string Version, Digest ManifestDigest, long SinceUnixSeconds)
{
    /// <summary>The answer to the question whether it may become current: <c>yes</c> or <c>no</c>; null for none
    /// yet.</summary>
    public bool? IsConsented { get; init; }

    /// <summary>When to ask again, Unix seconds; null for now.</summary>
    public long? AskAgainUnixSeconds { get; init; }

    /// <summary>Tells whether a stop before the switch still holds for this release.</summary>
    /// <param name="deadline">The time after which it ends without consent; null for never.</param>
    /// <param name="now">The time.</param>
    public bool IsStopped(TimeSpan? deadline, DateTimeOffset now) =>
        IsConsented != true
        && (deadline is null || now < DateTimeOffset.FromUnixTimeSeconds(SinceUnixSeconds) + deadline);
}
