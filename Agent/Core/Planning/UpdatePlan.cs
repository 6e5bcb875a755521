namespace ChunkOta.Agent;

/// <summary>The plan of an update, before anything is done: a value, printable and fit for JSON.</summary>
/// <remarks><c>--dry-run</c> prints the very plan that would run. A local file that turns out to be damaged is fetched
/// instead; the figures of the result then differ.</remarks>
public sealed record UpdatePlan : UpdateFigures
{
    /// <summary>Plain bytes to fetch: every missing chunk once.</summary>
    public long FetchBytes { get; init; }

    /// <summary>The number of these chunks.</summary>
    public int FetchChunks { get; init; }

    /// <summary>Bytes of the delta to fetch; 0 when none is used, or all of it is on this disk.</summary>
    public long DeltaBytes { get; init; }

    /// <summary>The figures of each action; actions that do not occur are left out.</summary>
    public IReadOnlyList<ActionFigures> Kinds { get; init; } = [];

    /// <summary>The step of each entry, in the order of paths; kept files are left out.</summary>
    public IReadOnlyList<FileStep> Steps { get; init; } = [];
}
