namespace ChunkOta.Admin;

/// <summary>The answer of <c>deltas --json</c>.</summary>
/// <param name="IsBuilding">The server builds deltas.</param>
/// <param name="Queued">The deltas that are to be built.</param>
/// <param name="Built">The deltas that were built.</param>
internal sealed record DeltaReport(bool IsBuilding, IReadOnlyList<DeltaJobLine> Queued, IReadOnlyList<DeltaLine> Built);

/// <summary>A delta that is to be built.</summary>
internal sealed record DeltaJobLine
{
    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version to upgrade from.</summary>
    public required string From { get; init; }

    /// <summary>The version to upgrade to.</summary>
    public required string To { get; init; }

    /// <summary><c>best</c> or <c>quick</c>.</summary>
    public required string Quality { get; init; }

    /// <summary><c>queued</c>, <c>running</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    /// <summary>The bytes that are done.</summary>
    public required ulong DoneBytes { get; init; }

    /// <summary>The bytes that there are to do; 0 if that is not known yet.</summary>
    public required ulong TotalBytes { get; init; }

    /// <summary>The number of times that it was begun.</summary>
    public required uint Attempts { get; init; }

    /// <summary>The failure of the last attempt; absent if none failed.</summary>
    public required string? Error { get; init; }
}

/// <summary>A delta that was built; stored unless chunks are as cheap.</summary>
internal sealed record DeltaLine
{
    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version to upgrade from.</summary>
    public required string From { get; init; }

    /// <summary>The version to upgrade to.</summary>
    public required string To { get; init; }

    /// <summary><c>best</c> or <c>quick</c>.</summary>
    public required string Quality { get; init; }

    /// <summary>It is stored: it saves something over chunks.</summary>
    public required bool IsStored { get; init; }

    /// <summary>Its size; 0 if it is not stored.</summary>
    public required ulong Bytes { get; init; }

    /// <summary>The number of files that it gives.</summary>
    public required ulong Files { get; init; }

    /// <summary>The size of the files that it gives.</summary>
    public required ulong TargetBytes { get; init; }

    /// <summary>Its digest; absent if there is none.</summary>
    public required string? Digest { get; init; }

    /// <summary>When it was built.</summary>
    public required long BuiltUnixSeconds { get; init; }

    /// <summary>When a device last downloaded it; absent if none did.</summary>
    public required long? UsedUnixSeconds { get; init; }
}
