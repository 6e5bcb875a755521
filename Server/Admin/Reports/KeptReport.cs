using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>gc --why --json</c>.</summary>
/// <param name="Releases">The release on each of its platforms; or at most 20 releases that have the chunk.</param>
/// <param name="Chunk">The chunk in the domain that products share; absent if it is not there, or if a release was
/// asked for.</param>
/// <param name="Isolated">The chunk in the domains of isolated products, each of which has its own.</param>
internal sealed record KeptReport(
    IReadOnlyList<PlannedReleaseLine> Releases, KeptChunkLine? Chunk, IReadOnlyList<KeptChunkLine> Isolated)
{
    /// <summary>An explanation as it is shown.</summary>
    public static KeptReport Of(ExplainKeptResponse explained) => new(
        [.. explained.Releases.Select(PlannedReleaseLine.Of)],
        explained.Chunk is null ? null : KeptChunkLine.Of(explained.Chunk),
        [.. explained.Isolated.Select(KeptChunkLine.Of)]);

    /// <summary>Writes it for people.</summary>
    public void WriteTo(Terminal terminal)
    {
        if (Chunk is not null) terminal.WriteLine(Chunk.ToString());
        foreach (var chunk in Isolated) terminal.WriteLine($"in the domain of {chunk.IsolatedProduct}, {chunk}");
        if (Releases.Count > 0) PlannedReleaseLine.Write(Releases, terminal);
    }
}

/// <summary>A chunk of the store.</summary>
internal sealed record KeptChunkLine
{
    /// <summary>The isolated product whose domain it is; absent for the domain that products share.</summary>
    public string? IsolatedProduct { get; init; }

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
        IsolatedProduct = chunk.IsolatedProduct.Length > 0 ? chunk.IsolatedProduct : null,
        Pack = Convert.ToHexStringLower(chunk.Pack.Span),
        AddedUnixSeconds = chunk.AddedUnixSeconds,
        Products = [.. chunk.Products],
        IsCondemned = chunk.IsCondemned,
    };

    /// <summary>The chunk in one line, for people.</summary>
    public override string ToString() =>
        $"in pack {Pack} since {Printable.Time(AddedUnixSeconds)}: "
        + (IsCondemned ? "no release has it; it goes when the publishes have ended that may need it"
            : Products.Count == 0 ? "no release has it yet; the next collection decides"
            : $"kept for {string.Join(", ", Products)}");
}
