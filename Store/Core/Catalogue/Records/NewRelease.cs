using ChunkOta.Chunking;

namespace ChunkOta.Storage;

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

    /// <summary>The version's build metadata, as in the manifest; empty for none.</summary>
    public string Build { get; init; } = "";

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

    /// <summary>The same release with its files and chunks by their names in a domain.</summary>
    public NewRelease In(DedupDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return domain.IsShared
            ? this
            : this with
            {
                Files = [.. Files.Select(file => file.In(domain))],
                Chunks = [.. Chunks.Select(chunk => chunk with { Hash = domain.NameOf(chunk.Hash) })],
            };
    }
}

/// <summary>A whole file of a product, and the recipe that makes it.</summary>
/// <param name="Digest">The file's digest.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Recipe">Its recipe's digest; null when the file is one chunk, whose hash is the file's digest.</param>
public readonly record struct KnownFile(Digest Digest, long Size, Digest? Recipe)
{
    /// <summary>The file by its names in a domain, or, from these, by its digests.</summary>
    public KnownFile In(DedupDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return this with
        {
            Digest = domain.NameOf(Digest),
            Recipe = Recipe is { } recipe ? domain.NameOf(recipe) : null,
        };
    }
}
