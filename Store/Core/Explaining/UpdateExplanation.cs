namespace ChunkOta.Storage;

/// <summary>The bytes of an update, as a whole and by file.</summary>
/// <param name="Cost">The cost by chunks.</param>
/// <param name="Delta">The delta that explains the files; null when there is none.</param>
/// <param name="Files">All files that are not kept, by entry.</param>
public sealed record UpdateExplanation(UpdateCost Cost, DeltaRecord? Delta, IReadOnlyList<ExplainedFile> Files);

/// <summary>One file of an explained update.</summary>
public sealed record ExplainedFile
{
    /// <summary>Its path in the new release.</summary>
    public required string Path { get; init; }

    /// <summary>The path of the file that it is made from; empty for none.</summary>
    public required string BasePath { get; init; }

    /// <summary>The origin of its bytes.</summary>
    public required FileOrigin Origin { get; init; }

    /// <summary>Its size, bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes that are sent for it.</summary>
    public required long Bytes { get; init; }

    /// <summary>The cause of its cost.</summary>
    public required ChangeCause Cause { get; init; }

    /// <summary>The figures behind the cause, for people.</summary>
    public required string Evidence { get; init; }

    /// <summary>Advice for the publisher; may be empty.</summary>
    public string Hint { get; init; } = "";
}

/// <summary>The origin of a file's bytes; the numbers are those of the protocol's FileSource.</summary>
public enum FileOrigin
{
    /// <summary>A file with the same content.</summary>
    Copy = 1,

    /// <summary>The delta.</summary>
    Delta = 2,

    /// <summary>Chunks.</summary>
    Chunks = 3,
}

/// <summary>The cause of a change; the numbers are those of the protocol's ChangeCause.</summary>
public enum ChangeCause
{
    /// <summary>The old release has nothing like the file.</summary>
    New = 1,

    /// <summary>The same content is under another path.</summary>
    Moved = 2,

    /// <summary>Parts of the file were edited.</summary>
    Edited = 3,

    /// <summary>Content moved within the file.</summary>
    Shifted = 4,

    /// <summary>The file was built anew, which changed bytes all over it.</summary>
    Rebuilt = 5,

    /// <summary>The file is compressed, which spreads every change over it.</summary>
    Recompressed = 6,

    /// <summary>A few bytes differ, such as a build time.</summary>
    Timestamp = 7,
}
