namespace ChunkOta.Agent;

/// <summary>An event of <c>watch</c>, for people.</summary>
/// <param name="Product">The product that it is about; null for all.</param>
/// <param name="Text">One sentence.</param>
/// <param name="Failure">The failure, where it is one; else null.</param>
public sealed record WatchEvent(string? Product, string Text, ChunkOtaException? Failure = null);
