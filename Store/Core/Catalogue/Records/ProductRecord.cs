using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A registered product.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">The cut parameters of its files.</param>
/// <param name="FirstRoot">The digest of the trust root that agents pin.</param>
/// <param name="Root">Its newest trust root.</param>
/// <param name="Releases">The number of its releases.</param>
public sealed record ProductRecord(string Name, CutParameters Cut, Digest FirstRoot, RootRecord Root, long Releases)
{
    /// <summary>The most bytes that it may have in the store; null for any number.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary>Stored bytes of the distinct chunks of its releases.</summary>
    public long StoredBytes { get; init; }

    /// <summary>The products that it shares stored content with.</summary>
    public DedupDomain Domain { get; init; } = DedupDomain.Shared;

    /// <summary>True if it shares stored content with no other product.</summary>
    public bool IsIsolated => !Domain.IsShared;
}

/// <summary>A product that is being registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">The cut parameters of its files, which never change; null for the default, or for those of the
/// product that exists already.</param>
/// <param name="FirstRoot">Its first trust root, verified.</param>
public sealed record NewProduct(string Name, CutParameters? Cut, RootRecord FirstRoot)
{
    /// <summary>The products that it is to share stored content with, which never changes. A product that exists stays
    /// as it is.</summary>
    public DedupDomain Domain { get; init; } = DedupDomain.Shared;
}

/// <summary>A trust root of a product.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Digest">The digest of its payload.</param>
/// <param name="Expires">The end of its validity.</param>
/// <param name="Envelope">The serialised envelope, verbatim.</param>
public sealed record RootRecord(ulong Version, Digest Digest, DateTimeOffset Expires, ReadOnlyMemory<byte> Envelope);

/// <summary>The bytes of a product in the store, and how many it may have.</summary>
/// <param name="Product">Its name.</param>
/// <param name="QuotaBytes">The most bytes that it may have; null for any number.</param>
/// <param name="StoredBytes">Stored bytes of the distinct chunks of its releases.</param>
/// <param name="PendingBytes">Bytes of packs and recipes that its publishes have brought and no release counts
/// yet.</param>
public readonly record struct ProductUse(string Product, long? QuotaBytes, long StoredBytes, long PendingBytes);
