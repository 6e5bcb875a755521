namespace ChunkOta.Admin;

/// <summary>The answer of <c>products list --json</c>.</summary>
/// <param name="Products">The products.</param>
/// <param name="Warnings">What is due or has expired.</param>
internal sealed record ProductList(IReadOnlyList<ProductLine> Products, IReadOnlyList<string> Warnings);

/// <summary>A product.</summary>
internal sealed record ProductLine
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The number of its releases.</summary>
    public required ulong Releases { get; init; }

    /// <summary>The digest of its first trust root, which devices pin.</summary>
    public required string RootDigest { get; init; }

    /// <summary>The version of its newest trust root.</summary>
    public required ulong RootVersion { get; init; }

    /// <summary>When its newest trust root ends.</summary>
    public required long RootExpiresUnixSeconds { get; init; }

    /// <summary>Stored bytes of the distinct chunks of its releases.</summary>
    public required ulong StoredBytes { get; init; }

    /// <summary>The most bytes that it may have; absent without a quota.</summary>
    public ulong? QuotaBytes { get; init; }

    /// <summary>It shares stored content with no other product.</summary>
    public required bool IsIsolated { get; init; }

    /// <summary>The least length of a chunk.</summary>
    public required uint CutMinBytes { get; init; }

    /// <summary>The average length of a chunk.</summary>
    public required uint CutAverageBytes { get; init; }

    /// <summary>The greatest length of a chunk.</summary>
    public required uint CutMaxBytes { get; init; }
}

/// <summary>The answer of <c>products create --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="RootDigest">The digest of its trust root.</param>
/// <param name="AlreadyThere">It was there already.</param>
internal sealed record ProductReport(string Product, string RootDigest, bool AlreadyThere);

/// <summary>The answer of <c>products quota --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="QuotaBytes">The most bytes that it may have; absent without a quota.</param>
/// <param name="StoredBytes">Stored bytes of the distinct chunks of its releases.</param>
/// <param name="PendingBytes">Bytes that publishes have brought and no release counts yet.</param>
internal sealed record QuotaReport(string Product, ulong? QuotaBytes, ulong StoredBytes, ulong PendingBytes);
