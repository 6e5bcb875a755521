using ChunkOta.Chunking;

namespace ChunkOta;

/// <summary>Bytes that do not hash to the digest of their chunk.</summary>
/// <remarks>They must not be used or kept; another source may have the right ones.</remarks>
/// <param name="expected">The chunk's digest.</param>
/// <param name="actual">The digest of the bytes.</param>
public sealed class ChunkCorruptException(Digest expected, Digest actual) : ChunkOtaException(
    ErrorCodes.ChunkHash,
    $"chunk {expected} is damaged: its bytes hash to {actual}: fetch it again or from another source")
{
    /// <summary>The chunk's digest.</summary>
    public Digest Expected { get; } = expected;

    /// <summary>The digest of the bytes.</summary>
    public Digest Actual { get; } = actual;
}
