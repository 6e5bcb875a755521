namespace ChunkOta.Storage;

/// <summary>The part of a <see cref="Store"/> that frees what no release needs.</summary>
/// <param name="Collector">Runs collections.</param>
/// <param name="Planner">Plans them, and says why something is kept.</param>
public sealed record StoreGarbage(Collector Collector, CollectionPlanner Planner);
