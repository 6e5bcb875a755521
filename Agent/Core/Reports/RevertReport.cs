namespace ChunkOta.Agent;

/// <summary>The report of a revert.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that is current now.</param>
/// <param name="FromVersion">The version that was current before.</param>
public sealed record RevertReport(string Product, string Version, string FromVersion);
