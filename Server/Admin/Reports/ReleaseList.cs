using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>anchors list --json</c>.</summary>
/// <param name="Anchors">The anchors, the newest release first.</param>
internal sealed record AnchorList(IReadOnlyList<ReleaseLine> Anchors);

/// <summary>The answer of <c>releases --json</c>.</summary>
/// <param name="Releases">The releases, the newest first.</param>
internal sealed record ReleaseList(IReadOnlyList<ReleaseLine> Releases);

/// <summary>A release: what it weighs and what it added to the store.</summary>
internal sealed record ReleaseLine
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The version's build metadata; absent if it has none.</summary>
    public required string? Build { get; init; }

    /// <summary>The number of the release within its product and platform.</summary>
    public required ulong Counter { get; init; }

    /// <summary>When it was published.</summary>
    public required long PublishedUnixSeconds { get; init; }

    /// <summary>The digest of its manifest.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>The channels that name it as current.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>When it was pinned; absent if it is not an anchor.</summary>
    public required long? AnchoredUnixSeconds { get; init; }

    /// <summary>When it was withdrawn; absent if it was not.</summary>
    public required long? WithdrawnUnixSeconds { get; init; }

    /// <summary>The reason for the withdrawal, which is not signed; absent if it was not withdrawn.</summary>
    public required string? WithdrawalReason { get; init; }

    /// <summary>Its files.</summary>
    public required ulong Files { get; init; }

    /// <summary>The sum of its files' lengths.</summary>
    public required ulong LogicalBytes { get; init; }

    /// <summary>Its chunks, counted wherever they stand.</summary>
    public required ulong Chunks { get; init; }

    /// <summary>Its chunks, each counted once.</summary>
    public required ulong DistinctChunks { get; init; }

    /// <summary>Chunks that it brought.</summary>
    public required ulong NewChunks { get; init; }

    /// <summary>The plain bytes of those chunks.</summary>
    public required ulong NewPlainBytes { get; init; }

    /// <summary>The size of those chunks as they are stored.</summary>
    public required ulong NewStoredBytes { get; init; }

    /// <summary>A release as it is shown.</summary>
    public static ReleaseLine Of(Release release) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Build = release.Build.Length > 0 ? release.Build : null,
        Counter = release.Counter,
        PublishedUnixSeconds = release.PublishedUnixSeconds,
        ManifestDigest = Convert.ToHexStringLower(release.Manifest.Digest.Span),
        Channels = [.. release.Channels],
        AnchoredUnixSeconds = Known.OrNull(release.AnchoredUnixSeconds),
        WithdrawnUnixSeconds = release.WithdrawnUnixSeconds == 0 ? null : release.WithdrawnUnixSeconds,
        WithdrawalReason = release.WithdrawnUnixSeconds == 0 ? null : release.WithdrawalReason,
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
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="AlreadyThere">It was an anchor already.</param>
internal sealed record AddedAnchor(string Product, string Platform, string Version, bool AlreadyThere);

/// <summary>The answer of <c>anchors remove --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="WasThere">It was an anchor.</param>
internal sealed record RemovedAnchor(string Product, string Platform, string Version, bool WasThere);

/// <summary>The answer of <c>releases delete --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="Devices">The devices that run it.</param>
/// <param name="UntilUnixSeconds">The moment until which it can come back.</param>
internal sealed record DeletedRelease(
    string Product, string Platform, string Version, ulong Devices, long UntilUnixSeconds);

/// <summary>The answer of <c>releases undelete --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version.</param>
/// <param name="Platforms">The platforms for which it is visible again.</param>
internal sealed record UndeletedRelease(string Product, string Version, IReadOnlyList<string> Platforms);
