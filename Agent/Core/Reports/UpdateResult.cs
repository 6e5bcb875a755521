using System.Text.Json.Serialization;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>How a run ended.</summary>
[JsonConverter(typeof(UpdateStateJson))]
public enum UpdateState
{
    /// <summary>The release is current now and was not before.</summary>
    Installed,

    /// <summary>The release was current already.</summary>
    Unchanged,

    /// <summary>A dry run: nothing was installed.</summary>
    Planned,
}

/// <summary>How long each part of a run took, seconds.</summary>
public sealed record PhaseSeconds
{
    /// <summary>Asking the server and verifying its answer.</summary>
    public double Check { get; set; }

    /// <summary>Looking at what is on disk.</summary>
    public double Plan { get; set; }

    /// <summary>Copying and fetching.</summary>
    public double Fetch { get; set; }

    /// <summary>Hashing the finished files.</summary>
    public double Verify { get; set; }

    /// <summary>Making it survive a power cut, and the flip.</summary>
    public double Activate { get; set; }

    /// <summary>All of it.</summary>
    public double Total { get; set; }
}

/// <summary>What a run of install or upgrade did.</summary>
public sealed record UpdateResult
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The version that is current now, or would be.</summary>
    public required string Version { get; init; }

    /// <summary>The version that was current before; null when none was.</summary>
    public string? FromVersion { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The digest of the release's manifest.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>How it ended.</summary>
    public required UpdateState State { get; init; }

    /// <summary>How many files the release has.</summary>
    public int Files { get; init; }

    /// <summary>Sum of their sizes, bytes.</summary>
    public long TreeBytes { get; init; }

    /// <summary>Bytes of the files that the release before did not hold at the same path.</summary>
    public long ChangedBytes { get; init; }

    /// <summary>Files that it did.</summary>
    public int KeptFiles { get; init; }

    /// <summary>Bytes of the tree that nothing was fetched for: all but the plain bytes of chunks and those of the
    /// delta.</summary>
    public long ReusedBytes { get; init; }

    /// <summary>Plain bytes of the chunks that were fetched, or in a dry run would be.</summary>
    public long FetchedChunkBytes { get; init; }

    /// <summary>Bytes of the delta that were fetched, or in a dry run would be.</summary>
    public long FetchedDeltaBytes { get; init; }

    /// <summary>Files that a delta made.</summary>
    public int DeltaFiles { get; init; }

    /// <summary>The code of what kept a delta from making all that it should: that came as chunks instead.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeltaFailure { get; init; }

    /// <summary>All bytes that the run's sockets sent.</summary>
    public long WireBytesUp { get; init; }

    /// <summary>All bytes that they received.</summary>
    public long WireBytesDown { get; init; }

    /// <summary>Bytes of disk that the run needed at most beside what was installed, by its plan.</summary>
    public long PeakDiskBytes { get; init; }

    /// <summary>Whether the server knows of it; if not, the next run tells it.</summary>
    public bool IsReported { get; init; }

    /// <summary>How long it took.</summary>
    public PhaseSeconds Seconds { get; init; } = new();

    /// <summary>Processor time of the process so far, seconds.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>The most memory that the process ever held, bytes; without <c>/proc</c>, no less than what the process
    /// held that started it.</summary>
    public long PeakRssBytes { get; init; }

    /// <summary>In a dry run: what would come from where, in all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KindTotals>? Kinds { get; init; }

    /// <summary>In a dry run: what would happen to each entry that is not kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FileStep>? Steps { get; init; }
}

/// <summary>Where a run is.</summary>
/// <param name="Phase">One of <c>check</c>, <c>plan</c>, <c>copy</c>, <c>fetch</c>, <c>activate</c>.</param>
/// <param name="DoneBytes">Of this phase, bytes done.</param>
/// <param name="TotalBytes">Of how many; 0 when not known.</param>
public readonly record struct UpdateProgress(string Phase, long DoneBytes, long TotalBytes)
{
    /// <summary>The plan, reported once, before anything is written; else null.</summary>
    public UpdatePlan? Plan { get; init; }
}
