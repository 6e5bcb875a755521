using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>releases --json</c> and <c>anchors list --json</c>.</summary>
internal sealed record ReleaseList(IReadOnlyList<ReleaseLine> Releases);

/// <summary>A release: what it weighs and what it added to the store.</summary>
internal sealed record ReleaseLine
{
    public required string Product { get; init; }

    public required string Platform { get; init; }

    public required string Version { get; init; }

    public required ulong Counter { get; init; }

    public required long PublishedUnixSeconds { get; init; }

    public required string ManifestDigest { get; init; }

    public required IReadOnlyList<string> Channels { get; init; }

    public required long AnchoredUnixSeconds { get; init; }

    public required ulong Files { get; init; }

    public required ulong LogicalBytes { get; init; }

    public required ulong Chunks { get; init; }

    public required ulong DistinctChunks { get; init; }

    public required ulong NewChunks { get; init; }

    public required ulong NewPlainBytes { get; init; }

    public required ulong NewStoredBytes { get; init; }

    /// <summary>A release as it is shown.</summary>
    public static ReleaseLine Of(Release release) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Counter = release.Counter,
        PublishedUnixSeconds = release.PublishedUnixSeconds,
        ManifestDigest = Convert.ToHexStringLower(release.Manifest.Digest.Span),
        Channels = [.. release.Channels],
        AnchoredUnixSeconds = release.AnchoredUnixSeconds,
        Files = release.Figures.Files,
        LogicalBytes = release.Figures.LogicalBytes,
        Chunks = release.Figures.Chunks,
        DistinctChunks = release.Figures.DistinctChunks,
        NewChunks = release.Figures.NewChunks,
        NewPlainBytes = release.Figures.NewPlainBytes,
        NewStoredBytes = release.Figures.NewStoredBytes,
    };
}

/// <summary>The answer of <c>anchors add --json</c>.</summary>
internal sealed record AddedAnchor(string Product, string Platform, string Version, bool AlreadyThere);

/// <summary>The answer of <c>anchors remove --json</c>.</summary>
internal sealed record RemovedAnchor(string Product, string Platform, string Version, bool WasThere);
