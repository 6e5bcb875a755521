using System.Text.Json.Serialization;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>Where an entry of the new release comes from.</summary>
[JsonConverter(typeof(FileActionJson))]
public enum FileAction
{
    /// <summary>Made from nothing: an empty file, an empty directory or a symbolic link.</summary>
    Create,

    /// <summary>The same file under the same path in the current release: copied, or shared copy-on-write.</summary>
    Keep,

    /// <summary>The same bytes under another path or in another kept release: copied likewise.</summary>
    Copy,

    /// <summary>Whole and verified in the staging tree already, by a run that was interrupted.</summary>
    Staged,

    /// <summary>Made by a delta from a file of the release that is held.</summary>
    Delta,

    /// <summary>Put together from chunks, local ones first, the rest fetched.</summary>
    Chunks,
}

/// <summary>What is to happen to one entry of the new release.</summary>
/// <param name="Path">The entry's path.</param>
/// <param name="Action">Where it comes from.</param>
/// <param name="SizeBytes">The file's size, bytes; 0 for links and directories.</param>
/// <param name="FetchBytes">Of these, plain bytes of chunks that have to be fetched.</param>
public sealed record FileStep(string Path, FileAction Action, long SizeBytes, long FetchBytes)
{
    /// <summary>What it costs and why, where the server has said so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StepCause? Cause { get; init; }
}

/// <summary>All entries of the new release that come from one place.</summary>
/// <param name="Action">Where from.</param>
/// <param name="Entries">How many.</param>
/// <param name="SizeBytes">The sum of their sizes.</param>
/// <param name="FetchBytes">What is fetched for them: the delta's own bytes, or the plain bytes of chunks.</param>
public sealed record KindTotals(FileAction Action, int Entries, long SizeBytes, long FetchBytes);

/// <summary>What an update will do, before it does anything: a value, printable and fit for JSON.</summary>
/// <remarks><c>--dry-run</c> prints the very plan that would run. All counts are of the plan's own moment: a local
/// file that turns out to be damaged is fetched instead, and the figures of the result then differ.</remarks>
public sealed record UpdatePlan
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, .NET RID spelling.</summary>
    public required string Platform { get; init; }

    /// <summary>The version to install.</summary>
    public required string Version { get; init; }

    /// <summary>The version that is current now; null when none is.</summary>
    public string? FromVersion { get; init; }

    /// <summary>The digest of the new release's manifest.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>How many files the new release has.</summary>
    public int Files { get; init; }

    /// <summary>Sum of their sizes, bytes.</summary>
    public long TreeBytes { get; init; }

    /// <summary>Files that the current release holds under the same path with the same bytes.</summary>
    public int KeptFiles { get; init; }

    /// <summary>Sum of the sizes of all other files, bytes.</summary>
    public long ChangedBytes { get; init; }

    /// <summary>Bytes of the tree that nothing is fetched for: all but the plain bytes of chunks and those of the
    /// delta.</summary>
    public long ReusedBytes { get; init; }

    /// <summary>Plain bytes to fetch: every missing chunk once.</summary>
    public long FetchBytes { get; init; }

    /// <summary>How many chunks these are.</summary>
    public int FetchChunks { get; init; }

    /// <summary>Bytes of the delta that have to be fetched; 0 when none is taken, or all of it is here.</summary>
    public long DeltaBytes { get; init; }

    /// <summary>Bytes of disk needed beside what is installed, before anything old is pruned.</summary>
    public long PeakDiskBytes { get; init; }

    /// <summary>What comes from where, in all; kinds that do not occur are left out.</summary>
    public IReadOnlyList<KindTotals> Kinds { get; init; } = [];

    /// <summary>What happens to each entry, in the order of paths; kept files are left out.</summary>
    public IReadOnlyList<FileStep> Steps { get; init; } = [];
}
