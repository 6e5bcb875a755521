using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A verified channel pointer to be stored.</summary>
public sealed record NewPointer
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, as in the pointer.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel, as in the pointer.</summary>
    public required string Channel { get; init; }

    /// <summary>The pointer's number; it must exceed the stored one's, or the bytes must be the same.</summary>
    public required ulong Seq { get; init; }

    /// <summary>The digest of the pointer's payload.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The manifest that it names as current.</summary>
    public required Digest Current { get; init; }

    /// <summary>The counter of that release.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The manifest that is being rolled out, if any.</summary>
    public Digest? Candidate { get; init; }

    /// <summary>The manifests that it revokes.</summary>
    public IReadOnlyList<Digest> Revoked { get; init; } = [];

    /// <summary>The time of its signature.</summary>
    public required DateTimeOffset Issued { get; init; }

    /// <summary>The end of its validity.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The serialised envelope, verbatim.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }
}

/// <summary>The way in which pointers change what is withdrawn.</summary>
/// <param name="Reason">Why releases are withdrawn that were not withdrawn before; for people.</param>
/// <param name="Reinstated">The manifests that are not withdrawn any more. Others are ignored.</param>
public sealed record Withdrawals(string Reason, IReadOnlyList<Digest> Reinstated)
{
    /// <summary>No release is reinstated, and no reason given.</summary>
    public static Withdrawals Unchanged { get; } = new("", []);
}
