namespace ChunkOta.Admin;

/// <summary>The answer of <c>deltas --json</c>.</summary>
internal sealed record DeltaReport(bool IsBuilding, IReadOnlyList<DeltaJobLine> Queued, IReadOnlyList<DeltaLine> Built);

/// <summary>A delta that is to be made.</summary>
internal sealed record DeltaJobLine
{
    public required string Platform { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required string Quality { get; init; }

    public required string State { get; init; }

    public required ulong DoneBytes { get; init; }

    public required ulong TotalBytes { get; init; }

    public required uint Attempts { get; init; }

    public required string? Error { get; init; }
}

/// <summary>A delta that was made; stored unless chunks are as cheap.</summary>
internal sealed record DeltaLine
{
    public required string Platform { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required string Quality { get; init; }

    public required bool IsStored { get; init; }

    public required ulong Bytes { get; init; }

    public required ulong Files { get; init; }

    public required ulong TargetBytes { get; init; }

    public required string? Digest { get; init; }

    public required long BuiltUnixSeconds { get; init; }

    public required long UsedUnixSeconds { get; init; }
}
