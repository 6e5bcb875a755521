using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The deltas that a device is offered.</summary>
/// <param name="Deltas">Smallest first.</param>
/// <param name="ChunkBytes">Bytes of the same update by chunks; 0 when that is not known yet.</param>
public sealed record UpdateOffer(IReadOnlyList<DeltaRecord> Deltas, long ChunkBytes)
{
    /// <summary>No deltas.</summary>
    public static UpdateOffer None { get; } = new([], 0);
}
