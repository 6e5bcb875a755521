using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A whole file of a product, and the recipe that makes it.</summary>
/// <param name="Digest">The file's digest.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Recipe">Its recipe's digest; null when the file is one chunk, whose hash is the file's digest.</param>
public readonly record struct KnownFile(Digest Digest, long Size, Digest? Recipe);

/// <summary>A release that a publish makes visible, complete for the catalogue.</summary>
/// <remarks>Its documents are verified, and its manifest and recipes are durable objects.</remarks>
public sealed record NewRelease
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

    /// <summary>The time of publication, from the manifest.</summary>
    public required DateTimeOffset Published { get; init; }

    /// <summary>The sum of all files' sizes, bytes.</summary>
    public required long LogicalBytes { get; init; }

    /// <summary>The number of files, empty ones included.</summary>
    public required long FileCount { get; init; }

    /// <summary>The number of chunks, a chunk that occurs twice counted twice.</summary>
    public required long ChunkCount { get; init; }

    /// <summary>Every distinct file that is not empty, once.</summary>
    public required IReadOnlyCollection<KnownFile> Files { get; init; }

    /// <summary>Every distinct chunk of those files, once.</summary>
    public required IReadOnlyCollection<ChunkRef> Chunks { get; init; }
}

/// <summary>A verified channel pointer to be stored.</summary>
public sealed record NewPointer
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

    /// <summary>The manifest that it names as current.</summary>
    public required Digest Current { get; init; }

    /// <summary>The manifest that is being rolled out, if any.</summary>
    public Digest? Candidate { get; init; }

    /// <summary>The time of its signature.</summary>
    public required DateTimeOffset Issued { get; init; }

    /// <summary>The end of its validity.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The serialised envelope, verbatim.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }
}

/// <summary>The result of a commit.</summary>
/// <param name="IsAlreadyPublished">The release was visible before; at most the pointer is new.</param>
/// <param name="Figures">The release's, as of its first commit.</param>
public sealed record CommitOutcome(bool IsAlreadyPublished, ReleaseFigures Figures);

/// <summary>A visible release.</summary>
public sealed record ReleaseRecord
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The counter.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The digest of the manifest's payload.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>The payload's length.</summary>
    public required long ManifestPayloadBytes { get; init; }

    /// <summary>The stored object's length.</summary>
    public required long ManifestEnvelopeBytes { get; init; }

    /// <summary>The time of publication, from the manifest.</summary>
    public required DateTimeOffset Published { get; init; }

    /// <summary>Its size and its share of the store.</summary>
    public required ReleaseFigures Figures { get; init; }

    /// <summary>The channels whose pointer names it as current, sorted.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>The time it became an anchor; null while it is not one.</summary>
    public DateTimeOffset? Anchored { get; init; }
}

/// <summary>The filter and the page of a list of releases.</summary>
public sealed record ReleaseQuery
{
    /// <summary>The largest page.</summary>
    public const int MaxPageSize = 500;

    /// <summary>Only of this product; null for all.</summary>
    public string? Product { get; init; }

    /// <summary>Only for this platform; null for all.</summary>
    public string? Platform { get; init; }

    /// <summary>Only of this version; null for all.</summary>
    public string? Version { get; init; }

    /// <summary>Only anchors.</summary>
    public bool OnlyAnchors { get; init; }

    /// <summary>Releases a page at most; 0 and anything above <see cref="MaxPageSize"/> mean that limit.</summary>
    public int PageSize { get; init; }

    /// <summary><see cref="ReleasePage.NextPageToken"/> of the previous page; null or empty for the first.</summary>
    public string? PageToken { get; init; }
}

/// <summary>One page of releases.</summary>
/// <param name="Releases">Sorted by product, then by counter (highest first), then by platform.</param>
/// <param name="NextPageToken">Asks for the next page; null on the last.</param>
public sealed record ReleasePage(IReadOnlyList<ReleaseRecord> Releases, string? NextPageToken);

/// <summary>A channel and its pointer.</summary>
public sealed record ChannelRecord
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pointer's number.</summary>
    public required ulong Seq { get; init; }

    /// <summary>The manifest that is current.</summary>
    public required Digest Current { get; init; }

    /// <summary>The manifest being rolled out, if any.</summary>
    public Digest? Candidate { get; init; }

    /// <summary>The end of the pointer's validity.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The pointer's serialised envelope, verbatim.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }
}
