using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Which deltas there are. A cache: any may be forgotten at any time. Any number of callers at once.</summary>
/// <remarks>A row exists only after its object is durable, and goes before its object does.</remarks>
public interface IDeltaCatalogue
{
    /// <summary>How long a quick delta stays after a best one took its place: a device may be half through it.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    /// <summary>A delta that had to make room is not made again before this time.</summary>
    static readonly TimeSpan RemakeAfter = TimeSpan.FromDays(1);

    /// <summary>What was made for a pair, the best quality first.</summary>
    ValueTask<IReadOnlyList<DeltaRecord>> FindAsync(DeltaPair pair, CancellationToken cancellationToken = default);

    /// <summary>The stored delta of a name; null when there is none.</summary>
    ValueTask<DeltaRecord?> FindAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>All that was made for a product's releases: the newest target first, then the newest base.</summary>
    ValueTask<IReadOnlyList<DeltaRecord>> ListAsync(string product, CancellationToken cancellationToken = default);

    /// <summary>Notes a delta in place of any other of its pair and quality, and ends its job.</summary>
    /// <remarks>Where the best one of a pair has the same bytes as the quick one, there is the best one alone.</remarks>
    /// <returns>The delta whose place it took, whose object is of no more use; null when there was none.</returns>
    /// <exception cref="CatalogueRefusedException"><c>RELEASE_UNKNOWN</c>: one of the releases is gone.</exception>
    Task<Digest?> AddAsync(NewDelta delta, CancellationToken cancellationToken = default);

    /// <summary>Notes that a delta was of use, to the minute.</summary>
    Task TouchAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Forgets a delta, so that it can be made again.</summary>
    /// <returns>False when it was not known.</returns>
    Task<bool> ForgetAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Forgets quick deltas that a best one has replaced and nobody has used for a while, then lets go of the least
    /// recently used ones until the rest is no longer than the bound.</summary>
    /// <remarks>Of the latter a record stays without an object, so that they are not made again at once.</remarks>
    /// <param name="maxBytes">Bytes of all stored deltas.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those whose objects are of no more use.</returns>
    Task<IReadOnlyList<Digest>> TrimAsync(long maxBytes, CancellationToken cancellationToken = default);
}
