using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The deltas that were built. A cache: any may be forgotten at any time. Any number of callers at
/// once.</summary>
/// <remarks>A row is added after its object is durable, and removed before its object is.</remarks>
public interface IDeltaCatalogue
{
    /// <summary>The time a quick delta stays after a best one replaced it: a device may be reading it.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    /// <summary>The time before an evicted delta is built again.</summary>
    static readonly TimeSpan RemakeAfter = TimeSpan.FromDays(1);

    /// <summary>The deltas of a pair, the best quality first.</summary>
    ValueTask<IReadOnlyList<DeltaRecord>> FindAsync(DeltaPair pair, CancellationToken cancellationToken = default);

    /// <summary>The stored delta of a digest; null when there is none.</summary>
    ValueTask<DeltaRecord?> FindAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>All deltas of a product's releases: the newest target first, then the newest base.</summary>
    ValueTask<IReadOnlyList<DeltaRecord>> ListAsync(string product, CancellationToken cancellationToken = default);

    /// <summary>Adds a delta, in place of any other of its pair and quality, and ends its job.</summary>
    /// <remarks>When the best and the quick delta of a pair have the same bytes, only the best one is kept.</remarks>
    /// <returns>The replaced delta, whose object is now unused; null when there was none.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>: one of the releases is gone.</exception>
    Task<Digest?> AddAsync(NewDelta delta, CancellationToken cancellationToken = default);

    /// <summary>Records a use of a delta, to the minute.</summary>
    Task TouchAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Forgets a delta, so that it can be built again.</summary>
    /// <returns>False when it was not known.</returns>
    Task<bool> ForgetAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Forgets quick deltas that a best one replaced and nobody has used since, then evicts the least recently
    /// used deltas until the rest fits.</summary>
    /// <remarks>An evicted delta keeps its row, so that it is not built again at once.</remarks>
    /// <param name="maxBytes">The most bytes that all stored deltas may have.</param>
    /// <returns>The digests of objects that are now unused.</returns>
    Task<IReadOnlyList<Digest>> TrimAsync(long maxBytes, CancellationToken cancellationToken = default);
}
