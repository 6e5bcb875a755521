namespace ChunkOta.Admin;

/// <summary>The answer of <c>show --json</c>.</summary>
internal sealed record ShownRelease(ReleaseLine Release, bool Verified, string Notes, IReadOnlyList<EntryLine> Entries);

/// <summary>An entry of the release's manifest; its chunks only where they were asked for.</summary>
internal sealed record EntryLine
{
    public required string Path { get; init; }

    public required string Kind { get; init; }

    public required bool Executable { get; init; }

    public required ulong SizeBytes { get; init; }

    public required string? LinkTarget { get; init; }

    public required string? Digest { get; init; }

    public required string? Recipe { get; init; }

    public required IReadOnlyList<ChunkLine>? Chunks { get; init; }
}

/// <summary>A chunk of a file.</summary>
internal sealed record ChunkLine(string Hash, int LengthBytes);
