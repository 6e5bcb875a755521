namespace ChunkOta.Agent;

/// <summary>The report of a revert.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that is current now.</param>
/// <param name="FromVersion">The version that was current before.</param>
/// <param name="Kept">The other installed releases that something still uses, such as a process that has to be
/// restarted: no prune removes them.</param>
public sealed record RevertReport(
    string Product, string Version, string FromVersion, IReadOnlyList<KeptRelease> Kept);
