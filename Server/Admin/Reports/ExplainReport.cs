namespace ChunkOta.Admin;

/// <summary>The answer of <c>explain --json</c>.</summary>
internal sealed record ExplainReport
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version to upgrade from.</summary>
    public required string From { get; init; }

    /// <summary>The version to upgrade to.</summary>
    public required string To { get; init; }

    /// <summary>The download as chunks.</summary>
    public required ulong ChunkBytes { get; init; }

    /// <summary>The download by the delta; absent if there is none.</summary>
    public required ulong? DeltaBytes { get; init; }

    /// <summary><c>best</c> or <c>quick</c>; absent if there is no delta.</summary>
    public required string? DeltaQuality { get; init; }

    /// <summary>Files that do not change.</summary>
    public required ulong KeptFiles { get; init; }

    /// <summary>Their size.</summary>
    public required ulong KeptBytes { get; init; }

    /// <summary>The size of the whole release.</summary>
    public required ulong TreeBytes { get; init; }

    /// <summary>The cost by cause, the dearest first.</summary>
    public required IReadOnlyList<CauseLine> Causes { get; init; }

    /// <summary>The cost of each file that changes.</summary>
    public required IReadOnlyList<FileCostLine> Files { get; init; }
}

/// <summary>The cost of one cause over all files.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Files">The number of files.</param>
/// <param name="SizeBytes">Their size.</param>
/// <param name="Bytes">The bytes that are downloaded for them.</param>
internal sealed record CauseLine(string Cause, int Files, ulong SizeBytes, ulong Bytes);

/// <summary>The cost of one file, and its cause.</summary>
internal sealed record FileCostLine
{
    /// <summary>Its path in the release.</summary>
    public required string Path { get; init; }

    /// <summary>The old file that it is made from; absent if none or the same path.</summary>
    public required string? BasePath { get; init; }

    /// <summary>The source of its bytes, such as <c>delta</c> or <c>chunks</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The cause of its cost, such as <c>new</c> or <c>timestamp</c>.</summary>
    public required string Cause { get; init; }

    /// <summary>Its size.</summary>
    public required ulong SizeBytes { get; init; }

    /// <summary>The bytes that are downloaded for it.</summary>
    public required ulong Bytes { get; init; }

    /// <summary>The evidence that decided the cause.</summary>
    public required string Evidence { get; init; }

    /// <summary>The advice to its publisher; absent if there is none.</summary>
    public required string? Hint { get; init; }
}
