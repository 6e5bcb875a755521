namespace ChunkOta.Storage;

/// <summary>What a release weighs and what it added to the store, fixed when it was committed.</summary>
/// <param name="LogicalBytes">The sum of all files' sizes.</param>
/// <param name="Files">Files, empty ones included.</param>
/// <param name="Chunks">Chunks, counted once for every place they stand in.</param>
/// <param name="DistinctChunks">Chunks, counted once each.</param>
/// <param name="DistinctPlainBytes">Their plain bytes.</param>
/// <param name="NewChunks">Of the distinct chunks, those that this publish brought.</param>
/// <param name="NewPlainBytes">Their plain bytes.</param>
/// <param name="NewStoredBytes">Their bytes as stored; a frame's bytes are shared out by plain length.</param>
public sealed record ReleaseFigures(
    long LogicalBytes,
    long Files,
    long Chunks,
    long DistinctChunks,
    long DistinctPlainBytes,
    long NewChunks,
    long NewPlainBytes,
    long NewStoredBytes);

/// <summary>What a product's releases hold together.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Releases">How many releases.</param>
/// <param name="LogicalBytes">The sum of their files' sizes.</param>
/// <param name="DistinctPlainBytes">Plain bytes of the distinct chunks of all of them.</param>
/// <param name="StoredBytes">The bytes of those chunks as stored; a frame's bytes are shared out by plain
/// length.</param>
public sealed record ProductFigures(
    string Product, long Releases, long LogicalBytes, long DistinctPlainBytes, long StoredBytes);

/// <summary>What the whole store holds.</summary>
/// <param name="Packs">Pack objects.</param>
/// <param name="Chunks">Distinct chunks.</param>
/// <param name="PlainBytes">Their plain bytes.</param>
/// <param name="StoredBytes">Bytes of all pack objects, trailers included.</param>
/// <param name="Recipes">Recipe objects.</param>
/// <param name="Devices">Devices that were ever enrolled.</param>
public sealed record StoreFigures(
    long Packs, long Chunks, long PlainBytes, long StoredBytes, long Recipes, long Devices);
