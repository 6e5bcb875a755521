namespace ChunkOta.Storage;

/// <summary>The size of a release and its share of the store, fixed when it was committed.</summary>
public sealed record ReleaseFigures
{
    /// <summary>The sum of all files' sizes.</summary>
    public required long LogicalBytes { get; init; }

    /// <summary>Files, empty ones included.</summary>
    public required long Files { get; init; }

    /// <summary>Chunks, a chunk that occurs twice counted twice.</summary>
    public required long Chunks { get; init; }

    /// <summary>Chunks, counted once each.</summary>
    public required long DistinctChunks { get; init; }

    /// <summary>Plain bytes of the distinct chunks.</summary>
    public required long DistinctPlainBytes { get; init; }

    /// <summary>The distinct chunks that this publish brought.</summary>
    public required long NewChunks { get; init; }

    /// <summary>Plain bytes of the new chunks.</summary>
    public required long NewPlainBytes { get; init; }

    /// <summary>Stored bytes of the new chunks: a frame's stored bytes are shared among its chunks by plain
    /// length.</summary>
    public required long NewStoredBytes { get; init; }
}

/// <summary>The size of all releases of a product together.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Releases">The number of releases.</param>
/// <param name="LogicalBytes">The sum of their files' sizes.</param>
/// <param name="DistinctPlainBytes">Plain bytes of their distinct chunks.</param>
/// <param name="StoredBytes">Stored bytes of those chunks: a frame's stored bytes are shared among its chunks by plain
/// length.</param>
public sealed record ProductFigures(
    string Product, long Releases, long LogicalBytes, long DistinctPlainBytes, long StoredBytes);

/// <summary>The size of the whole store.</summary>
/// <param name="Packs">Pack objects.</param>
/// <param name="Chunks">Distinct chunks.</param>
/// <param name="PlainBytes">Their plain bytes.</param>
/// <param name="StoredBytes">Bytes of all pack objects, trailers included.</param>
/// <param name="Recipes">Recipe objects.</param>
/// <param name="Devices">Devices that were ever enrolled.</param>
public sealed record StoreFigures(
    long Packs, long Chunks, long PlainBytes, long StoredBytes, long Recipes, long Devices);
