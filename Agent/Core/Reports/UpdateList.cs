namespace ChunkOta.Agent;

/// <summary>The report of an upgrade of several products.</summary>
/// <param name="Products">Sorted by name.</param>
public sealed record UpdateList(IReadOnlyList<UpdateResult> Products);
