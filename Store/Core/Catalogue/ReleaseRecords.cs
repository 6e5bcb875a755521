using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A whole file that a product has, and how it is put together.</summary>
/// <param name="Digest">The file's digest.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Recipe">Its recipe's digest; null when the file is one chunk, whose hash is the file's digest.</param>
public readonly record struct KnownFile(Digest Digest, long Size, Digest? Recipe);

/// <summary>A release to be made visible: everything the catalogue needs to know of it.</summary>
/// <remarks>The documents were verified, and the manifest and the recipes are durable objects, before this is
/// made.</remarks>
public sealed record ReleaseDraft
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, as in the manifest.</summary>
    public required string Platform { get; init; }

    /// <summary>The version, as in the manifest.</summary>
    public required string Version { get; init; }

    /// <summary>The counter, as in the manifest; it must exceed all others of the product and platform.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The digest of the manifest's payload.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>The length of the payload in bytes.</summary>
    public required long ManifestPayloadBytes { get; init; }

    /// <summary>The length of the stored object (the serialised envelope) in bytes.</summary>
    public required long ManifestEnvelopeBytes { get; init; }

    /// <summary>When it was published, by the manifest.</summary>
    public required DateTimeOffset Published { get; init; }

    /// <summary>The sum of all files' sizes, bytes.</summary>
    public required long LogicalBytes { get; init; }

    /// <summary>The number of files, empty ones included.</summary>
    public required long FileCount { get; init; }

    /// <summary>The number of chunks, each counted for every place it stands in.</summary>
    public required long ChunkCount { get; init; }

    /// <summary>Every distinct file that is not empty, once.</summary>
    public required IReadOnlyCollection<KnownFile> Files { get; init; }

    /// <summary>Every distinct chunk of those files, once.</summary>
    public required IReadOnlyCollection<ChunkRef> Chunks { get; init; }
}

/// <summary>A verified channel pointer to be stored.</summary>
public sealed record PointerDraft
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, as in the pointer.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel, as in the pointer.</summary>
    public required string Channel { get; init; }

    /// <summary>The pointer's number; it must exceed the stored one's, or the bytes must be the same.</summary>
    public required ulong Seq { get; init; }

    /// <summary>The digest of the pointer's payload.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The manifest that it says is current.</summary>
    public required Digest Current { get; init; }

    /// <summary>The manifest that is being rolled out, if any.</summary>
    public Digest? Candidate { get; init; }

    /// <summary>When it was signed.</summary>
    public required DateTimeOffset Issued { get; init; }

    /// <summary>Until when it holds.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The serialised envelope, verbatim.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }
}

/// <summary>What became of a commit.</summary>
/// <param name="IsAlreadyPublished">The release was visible before; at most the pointer is new.</param>
/// <param name="Figures">The release's, as of its first commit.</param>
public sealed record CommitOutcome(bool IsAlreadyPublished, ReleaseFigures Figures);

/// <summary>A visible release.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="Counter">The counter.</param>
/// <param name="Manifest">The digest of the manifest's payload.</param>
/// <param name="ManifestPayloadBytes">The payload's length.</param>
/// <param name="ManifestEnvelopeBytes">The stored object's length.</param>
/// <param name="Published">When it was published, by the manifest.</param>
/// <param name="Figures">What it weighs.</param>
/// <param name="Channels">The channels whose pointer names it as current, sorted.</param>
/// <param name="Anchored">When it was pinned as known-good; null when it is no anchor.</param>
public sealed record ReleaseRecord(
    string Product,
    string Platform,
    string Version,
    ulong Counter,
    Digest Manifest,
    long ManifestPayloadBytes,
    long ManifestEnvelopeBytes,
    DateTimeOffset Published,
    ReleaseFigures Figures,
    IReadOnlyList<string> Channels,
    DateTimeOffset? Anchored = null);

/// <summary>Which releases to list.</summary>
public sealed record ReleaseQuery
{
    /// <summary>The most that a page may hold.</summary>
    public const int MaxPageSize = 500;

    /// <summary>Only of this product; null for all.</summary>
    public string? Product { get; init; }

    /// <summary>Only for this platform; null for all.</summary>
    public string? Platform { get; init; }

    /// <summary>Only of this version; null for all.</summary>
    public string? Version { get; init; }

    /// <summary>Only anchors.</summary>
    public bool OnlyAnchors { get; init; }

    /// <summary>How many at most; 0 or more than <see cref="MaxPageSize"/> stands for that.</summary>
    public int PageSize { get; init; }

    /// <summary>From the page before; null or empty for the first.</summary>
    public string? PageToken { get; init; }
}

/// <summary>One page of releases.</summary>
/// <param name="Releases">By product, then the newest counter first, then platform.</param>
/// <param name="NextPageToken">For the next page; null on the last.</param>
public sealed record ReleasePage(IReadOnlyList<ReleaseRecord> Releases, string? NextPageToken);

/// <summary>A channel and its pointer.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Name">The channel's name.</param>
/// <param name="Seq">The pointer's number.</param>
/// <param name="Current">The manifest that is current.</param>
/// <param name="Candidate">The manifest being rolled out, if any.</param>
/// <param name="Expires">Until when the pointer holds.</param>
/// <param name="Envelope">The pointer's serialised envelope, verbatim.</param>
public sealed record ChannelRecord(
    string Product,
    string Platform,
    string Name,
    ulong Seq,
    Digest Current,
    Digest? Candidate,
    DateTimeOffset Expires,
    ReadOnlyMemory<byte> Envelope);
