namespace ChunkOta.Admin;

/// <summary>The answer of <c>show --json</c>.</summary>
/// <param name="Release">The release.</param>
/// <param name="Verified">The signatures were verified by the trust root of <c>--root</c>.</param>
/// <param name="Notes">The release notes; empty if there are none.</param>
/// <param name="Entries">All entries, by path.</param>
internal sealed record ShownRelease(ReleaseLine Release, bool Verified, string Notes, IReadOnlyList<EntryLine> Entries);

/// <summary>An entry of the release's manifest; its chunks only where they were asked for.</summary>
internal sealed record EntryLine
{
    /// <summary>Its path in the release.</summary>
    public required string Path { get; init; }

    /// <summary><c>file</c>, <c>directory</c> or <c>link</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its execute bit is set.</summary>
    public required bool Executable { get; init; }

    /// <summary>Its size.</summary>
    public required ulong SizeBytes { get; init; }

    /// <summary>The target of a link; absent for other kinds.</summary>
    public required string? LinkTarget { get; init; }

    /// <summary>The digest of a file; absent for other kinds.</summary>
    public required string? Digest { get; init; }

    /// <summary>The digest of a file's recipe; absent if it has none.</summary>
    public required string? Recipe { get; init; }

    /// <summary>Its chunks; absent without <c>--chunks</c>.</summary>
    public required IReadOnlyList<ChunkLine>? Chunks { get; init; }
}

/// <summary>A chunk of a file.</summary>
/// <param name="Hash">Its digest.</param>
/// <param name="LengthBytes">Its length.</param>
internal sealed record ChunkLine(string Hash, int LengthBytes);
