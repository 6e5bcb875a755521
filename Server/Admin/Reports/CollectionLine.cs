using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>gc --json</c>: the work of a collection.</summary>
internal sealed record CollectionLine
{
    /// <summary>Releases whose content was given up.</summary>
    public required ulong Releases { get; init; }

    /// <summary>Recipes that were removed.</summary>
    public required ulong Recipes { get; init; }

    /// <summary>Chunks that were removed.</summary>
    public required ulong Chunks { get; init; }

    /// <summary>Packs that were mostly unused and were rewritten.</summary>
    public required ulong CompactedPacks { get; init; }

    /// <summary>Objects that were deleted.</summary>
    public required ulong Objects { get; init; }

    /// <summary>Their bytes: what was freed.</summary>
    public required ulong Bytes { get; init; }

    /// <summary>The work as it is shown.</summary>
    public static CollectionLine Of(CollectionWork work) => new()
    {
        Releases = work.Releases,
        Recipes = work.Recipes,
        Chunks = work.Chunks,
        CompactedPacks = work.CompactedPacks,
        Objects = work.Objects,
        Bytes = work.Bytes,
    };
}

/// <summary>The last collection, and what is in the trash.</summary>
internal sealed record CollectionStateLine
{
    /// <summary>When it began; absent before the first.</summary>
    public required long? BeganUnixSeconds { get; init; }

    /// <summary>When it ended; absent while it runs, and if it was killed.</summary>
    public required long? EndedUnixSeconds { get; init; }

    /// <summary>The reason for which it failed; absent if it did not.</summary>
    public required string? Error { get; init; }

    /// <summary>Its work.</summary>
    public required CollectionLine Work { get; init; }

    /// <summary>Deleted releases that can come back.</summary>
    public required ulong DeletedReleases { get; init; }

    /// <summary>Objects in the trash.</summary>
    public required ulong TrashedObjects { get; init; }

    /// <summary>Their bytes.</summary>
    public required ulong TrashedBytes { get; init; }

    /// <summary>The state as it is shown.</summary>
    public static CollectionStateLine Of(CollectionReport report) => new()
    {
        BeganUnixSeconds = Known.OrNull(report.BeganUnixSeconds),
        EndedUnixSeconds = Known.OrNull(report.EndedUnixSeconds),
        Error = Known.OrNull(report.Error),
        Work = CollectionLine.Of(report.Work ?? new CollectionWork()),
        DeletedReleases = report.DeletedReleases,
        TrashedObjects = report.TrashedObjects,
        TrashedBytes = report.TrashedBytes,
    };

    /// <summary>One line for people.</summary>
    public string Describe()
    {
        var last = this switch
        {
            { BeganUnixSeconds: null } => "never ran",
            { Error: { } error } => $"failed {Printable.Time(EndedUnixSeconds)}: {error}",
            { EndedUnixSeconds: null } => $"runs since {Printable.Time(BeganUnixSeconds)}",
            _ => $"last ended {Printable.Time(EndedUnixSeconds)}, freed {Printable.Bytes(Work.Bytes)}",
        };
        return $"collection: {last}; in the trash: {Printable.Count(DeletedReleases, "release")}, "
            + $"{Printable.Count(TrashedObjects, "object")} of {Printable.Bytes(TrashedBytes)}";
    }
}
