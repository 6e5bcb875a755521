using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A visible release.</summary>
public sealed record ReleaseRecord
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The version's build metadata; empty for none.</summary>
    public string Build { get; init; } = "";

    /// <summary>The counter.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The digest of the manifest's payload.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>The payload's length.</summary>
    public required long ManifestPayloadBytes { get; init; }

    /// <summary>The stored object's length.</summary>
    public required long ManifestEnvelopeBytes { get; init; }

    /// <summary>The time of publication, from the manifest.</summary>
    public required DateTimeOffset Published { get; init; }

    /// <summary>Its size and its share of the store.</summary>
    public required ReleaseFigures Figures { get; init; }

    /// <summary>The channels whose pointer names it as current, sorted.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>The time it became an anchor; null while it is not one.</summary>
    public DateTimeOffset? Anchored { get; init; }

    /// <summary>When and why it was withdrawn; null while it is not.</summary>
    public Withdrawal? Withdrawal { get; init; }
}

/// <summary>The withdrawal of a release.</summary>
/// <param name="Time">When the catalogue learned of it.</param>
/// <param name="Reason">For people; may be empty.</param>
public sealed record Withdrawal(DateTimeOffset Time, string Reason);

/// <summary>The result of a commit.</summary>
/// <param name="IsAlreadyPublished">The release was visible before; at most the pointer is new.</param>
/// <param name="Figures">The release's, as of its first commit.</param>
public sealed record CommitOutcome(bool IsAlreadyPublished, ReleaseFigures Figures);
