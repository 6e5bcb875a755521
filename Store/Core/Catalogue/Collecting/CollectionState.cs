namespace ChunkOta.Storage;

/// <summary>The work of one collection.</summary>
/// <param name="Releases">Releases whose content was given up.</param>
/// <param name="Recipes">Recipes that were removed.</param>
/// <param name="Chunks">Chunks that were removed.</param>
/// <param name="CompactedPacks">Packs that were mostly dead and were rewritten.</param>
/// <param name="Objects">Objects that were deleted.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record CollectionFigures(
    long Releases = 0, long Recipes = 0, long Chunks = 0, long CompactedPacks = 0, long Objects = 0, long Bytes = 0);

/// <summary>The last collection, and what waits to be deleted.</summary>
public sealed record CollectionState
{
    /// <summary>When the last collection began; null before the first.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>When it ended; null while it runs, or when it was killed.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The reason why it failed, in one line; empty when it succeeded.</summary>
    public string Error { get; init; } = "";

    /// <summary>Its work.</summary>
    public required CollectionFigures Figures { get; init; }

    /// <summary>Chunks that no release has, which are removed once no publish can need them.</summary>
    public long CondemnedChunks { get; init; }

    /// <summary>Releases in the trash, which can come back.</summary>
    public long DeletedReleases { get; init; }

    /// <summary>Objects in the trash.</summary>
    public long TrashedObjects { get; init; }

    /// <summary>Their bytes.</summary>
    public long TrashedBytes { get; init; }
}

/// <summary>Another collection has begun: this one lost its lease and must stop.</summary>
public sealed class CollectionLostException() : ChunkOtaException(
    ErrorCodes.Busy, "the collection lost its lease to another server: look at ota-admin stats");
