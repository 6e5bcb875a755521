using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The report of a verified start.</summary>
/// <param name="Product">The product.</param>
/// <param name="Slot">The slot, <c>A</c> or <c>B</c>.</param>
/// <param name="Path">The path of the slot.</param>
/// <param name="Version">The version of the release that it holds.</param>
/// <param name="ManifestDigest">The digest of the release's manifest.</param>
/// <param name="Refused">The slot that had its turn before and was refused; empty for none.</param>
public sealed record BootReport(
    string Product,
    string Slot,
    string Path,
    string Version,
    Digest ManifestDigest,
    IReadOnlyList<RefusedSlot> Refused)
{
    /// <summary>True when its publisher has withdrawn that release, as far as this device knows.</summary>
    public bool IsWithdrawn { get; init; }
}

/// <summary>A slot that was not started.</summary>
/// <param name="Slot">The slot, <c>A</c> or <c>B</c>.</param>
/// <param name="Reason">Why not.</param>
public sealed record RefusedSlot(string Slot, string Reason);
