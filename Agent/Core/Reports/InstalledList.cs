namespace ChunkOta.Agent;

/// <summary>The report of several products.</summary>
/// <param name="Products">Sorted by name.</param>
public sealed record InstalledList(IReadOnlyList<ProductFacts> Products);
