namespace ChunkOta.Agent;

/// <summary>The progress of an update, as the server is told.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Channel">The channel that is followed.</param>
/// <param name="Progress">The progress.</param>
internal sealed record ProgressNote(string Product, string Platform, string Channel, UpdateProgress Progress);
