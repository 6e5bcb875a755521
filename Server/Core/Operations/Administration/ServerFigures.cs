using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The figures of releases, of products and of the whole store.</summary>
/// <param name="Releases">All releases, the newest of each product first.</param>
/// <param name="Products">One for each product.</param>
/// <param name="Store">Of the whole store.</param>
/// <param name="Condition">Of the whole store.</param>
/// <param name="Collection">The last collection, and what is in the trash.</param>
public sealed record ServerFigures(
    IReadOnlyList<ReleaseRecord> Releases, IReadOnlyList<ProductFigures> Products, StoreFigures Store,
    StoreCondition Condition, CollectionState Collection);

/// <summary>The condition of the store.</summary>
/// <param name="LostObjects">Objects that are missing or damaged.</param>
/// <param name="QuickScrub">The end of the last complete quick pass; null: there was none.</param>
/// <param name="FullScrub">The end of the last complete full pass; null: there was none.</param>
public sealed record StoreCondition(long LostObjects, DateTimeOffset? QuickScrub, DateTimeOffset? FullScrub);
