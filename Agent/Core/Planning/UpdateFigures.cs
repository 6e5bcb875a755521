using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The figures of one update: the plan has them as expected, the result as they turned out.</summary>
public record UpdateFigures
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The version to install.</summary>
    public required string Version { get; init; }

    /// <summary>The build metadata of that version; null for none.</summary>
    public string? Build { get; init; }

    /// <summary>The version that was current before; null when none was.</summary>
    public string? FromVersion { get; init; }

    /// <summary>The platform, .NET RID spelling.</summary>
    public required string Platform { get; init; }

    /// <summary>The digest of the release's manifest.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>The number of files in the release.</summary>
    public int Files { get; init; }

    /// <summary>Sum of their sizes, bytes.</summary>
    public long TreeBytes { get; init; }

    /// <summary>Bytes of the files that the release before does not hold at the same path.</summary>
    public long ChangedBytes { get; init; }

    /// <summary>Files that the release before holds at the same path with the same bytes.</summary>
    public int KeptFiles { get; init; }

    /// <summary>Bytes of the tree that nothing is fetched for:
    /// all but the plain bytes of chunks and those of the delta.</summary>
    public long ReusedBytes { get; init; }

    /// <summary>Bytes of disk needed beside what is installed, before anything old is pruned; as planned.</summary>
    public long PeakDiskBytes { get; init; }

    /// <summary>Inodes needed beside what is installed, before anything old is pruned; as planned.</summary>
    public long PeakInodes { get; init; }
}
