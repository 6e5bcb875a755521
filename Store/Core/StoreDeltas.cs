namespace ChunkOta.Storage;

/// <summary>The part of a <see cref="Store"/> that makes and keeps deltas.</summary>
/// <param name="Cache">The stored deltas, within a bound.</param>
/// <param name="Builder">Builds a delta, verifies it and stores it.</param>
public sealed record StoreDeltas(DeltaCache Cache, DeltaBuilder Builder);
