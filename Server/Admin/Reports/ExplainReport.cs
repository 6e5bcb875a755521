namespace ChunkOta.Admin;

/// <summary>The answer of <c>explain --json</c>.</summary>
internal sealed record ExplainReport
{
    public required string Product { get; init; }

    public required string Platform { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required ulong ChunkBytes { get; init; }

    public required ulong? DeltaBytes { get; init; }

    public required string? DeltaQuality { get; init; }

    public required ulong KeptFiles { get; init; }

    public required ulong KeptBytes { get; init; }

    public required ulong TreeBytes { get; init; }

    public required IReadOnlyList<CauseLine> Causes { get; init; }

    public required IReadOnlyList<FileCostLine> Files { get; init; }
}

/// <summary>The cost of one cause over all files.</summary>
internal sealed record CauseLine(string Cause, int Files, ulong SizeBytes, ulong Bytes);

/// <summary>The cost of one file, and its cause.</summary>
internal sealed record FileCostLine
{
    public required string Path { get; init; }

    public required string? BasePath { get; init; }

    public required string Source { get; init; }

    public required string Cause { get; init; }

    public required ulong SizeBytes { get; init; }

    public required ulong Bytes { get; init; }

    public required string Evidence { get; init; }

    public required string? Hint { get; init; }
}
