namespace ChunkOta.Agent;

/// <summary>The result of a repair.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The release that was checked.</param>
/// <param name="Repaired">The entries that were damaged and are as installed again; empty when there were none.</param>
/// <param name="Extra">The paths that others have added: at most 1,000, a directory alone for all that is in it. They
/// were left alone.</param>
public sealed record RepairResult(
    string Product, string Version, IReadOnlyList<TreeDamage> Repaired, IReadOnlyList<string> Extra)
{
    /// <summary>Plain bytes of the chunks that were fetched.</summary>
    public long FetchedChunkBytes { get; init; }

    /// <summary>All bytes that the run's sockets sent; 0 when the server was not needed.</summary>
    public long WireBytesUp { get; init; }

    /// <summary>All bytes that they received.</summary>
    public long WireBytesDown { get; init; }
}
