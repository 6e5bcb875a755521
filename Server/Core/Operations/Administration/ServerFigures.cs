using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The figures of releases, of products and of the whole store.</summary>
/// <param name="Releases">All releases, the newest of each product first.</param>
/// <param name="Products">One for each product.</param>
/// <param name="Store">Of the whole store.</param>
public sealed record ServerFigures(
    IReadOnlyList<ReleaseRecord> Releases, IReadOnlyList<ProductFigures> Products, StoreFigures Store);
