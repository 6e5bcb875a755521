namespace ChunkOta.Admin;

/// <summary>The answer of <c>products list --json</c>.</summary>
internal sealed record ProductList(IReadOnlyList<ProductLine> Products);

/// <summary>A product.</summary>
internal sealed record ProductLine
{
    public required string Product { get; init; }

    public required ulong Releases { get; init; }

    public required string RootDigest { get; init; }

    public required ulong RootVersion { get; init; }

    public required long RootExpiresUnixSeconds { get; init; }

    public required uint CutMinBytes { get; init; }

    public required uint CutAverageBytes { get; init; }

    public required uint CutMaxBytes { get; init; }
}

/// <summary>The answer of <c>products create --json</c>.</summary>
internal sealed record ProductReport(string Product, string RootDigest, bool AlreadyThere);
