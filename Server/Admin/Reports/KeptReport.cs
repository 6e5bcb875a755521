using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>gc --why --json</c>.</summary>
/// <param name="Releases">The release on each of its platforms; or at most 20 releases that have the chunk.</param>
/// <param name="Chunk">The chunk; absent if a release was asked for.</param>
internal sealed record KeptReport(IReadOnlyList<PlannedReleaseLine> Releases, KeptChunkLine? Chunk)
{
    /// <summary>An explanation as it is shown.</summary>
    public static KeptReport Of(ExplainKeptResponse explained) => new(
        [.. explained.Releases.Select(PlannedReleaseLine.Of)],
        explained.Chunk is null ? null : KeptChunkLine.Of(explained.Chunk));

    /// <summary>Writes it for people.</summary>
    public void WriteTo(Terminal terminal)
    {
        if (Chunk is not null)
        {
            terminal.WriteLine(
                $"in pack {Chunk.Pack} since {Printable.Time(Chunk.AddedUnixSeconds)}: "
                + (Chunk.IsCondemned ? "no release has it; it goes when the publishes have ended that may need it"
                    : Chunk.Products.Count == 0 ? "no release has it yet; the next collection decides"
                    : $"kept for {string.Join(", ", Chunk.Products)}"));
        }

        if (Releases.Count > 0) PlannedReleaseLine.Write(Releases, terminal);
    }
}

/// <summary>A chunk of the store.</summary>
internal sealed record KeptChunkLine
{
    /// <summary>The digest of the pack that holds it.</summary>
    public required string Pack { get; init; }

    /// <summary>When the pack came.</summary>
    public required long AddedUnixSeconds { get; init; }

    /// <summary>The products of which a release has it.</summary>
    public required IReadOnlyList<string> Products { get; init; }

    /// <summary>No release has it, and it goes when the publishes have ended that may have found it.</summary>
    public required bool IsCondemned { get; init; }

    /// <summary>A chunk as it is shown.</summary>
    public static KeptChunkLine Of(KeptChunk chunk) => new()
    {
        Pack = Convert.ToHexStringLower(chunk.Pack.Span),
        AddedUnixSeconds = chunk.AddedUnixSeconds,
        Products = [.. chunk.Products],
        IsCondemned = chunk.IsCondemned,
    };
}
