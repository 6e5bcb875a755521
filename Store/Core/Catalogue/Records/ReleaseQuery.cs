namespace ChunkOta.Storage;

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
