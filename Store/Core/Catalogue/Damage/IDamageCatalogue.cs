using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The objects that the store lost. Any number of callers at once.</summary>
/// <remarks>
/// A marked pack, frame or recipe no longer counts as stored: <see cref="IChunkIndex"/> answers that it is missing, so
/// that the next publish with its content sends it again. A pack or recipe that is added again is intact, and its mark
/// goes in the same transaction. Reads do not depend on marks.
/// </remarks>
public interface IDamageCatalogue
{
    /// <summary>Records the result of verifying an object in place of the last one.</summary>
    /// <remarks>An object that no row names is not marked, nor is a frame of which no chunk is in use.</remarks>
    Task<DamageChange> RecordAsync(ObjectFinding finding, CancellationToken cancellationToken = default);

    /// <summary>A value that changes whenever something is marked or loses its mark, by any server: what was verified
    /// before a change must not be trusted after it.</summary>
    ValueTask<DamageStamp> ReadStampAsync(CancellationToken cancellationToken = default);

    /// <summary>True if any object is marked.</summary>
    ValueTask<bool> HasAnyAsync(CancellationToken cancellationToken = default);

    /// <summary>The number of marked objects.</summary>
    ValueTask<long> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Marked objects, by kind and digest.</summary>
    /// <param name="after">The last of the previous page; null for the first page.</param>
    /// <param name="max">The most objects to return.</param>
    ValueTask<IReadOnlyList<DamagedObject>> ListAsync(
        ObjectName? after, int max, CancellationToken cancellationToken = default);

    /// <summary>The objects of a kind that the catalogue needs, by digest.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="after">The last of the previous page; the default for the first page.</param>
    /// <param name="max">The most objects to return.</param>
    ValueTask<IReadOnlyList<ListedObject>> ListObjectsAsync(
        ObjectKind kind, Digest after, int max, CancellationToken cancellationToken = default);

    /// <summary>One of the objects that the catalogue needs; null when it does not need it.</summary>
    ValueTask<ListedObject?> FindObjectAsync(ObjectName name, CancellationToken cancellationToken = default);

    /// <summary>The trust roots and channel pointers with a digest, as serialised envelopes: one, unless it was signed
    /// more than once; none when the catalogue has it no more.</summary>
    /// <param name="digest">The digest of the payload.</param>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> FindDocumentsAsync(
        Digest digest, CancellationToken cancellationToken = default);

    /// <summary>The devices that run a release or follow a channel in which it is current.</summary>
    ValueTask<AffectedDevices> CountDevicesAsync(Digest manifest, CancellationToken cancellationToken = default);

    /// <summary>Forgets marks of objects that nothing needs any more.</summary>
    Task ForgetUnneededAsync(CancellationToken cancellationToken = default);

    /// <summary>Lets the database check its own pages, as it can.</summary>
    /// <param name="isFull">Indexes against tables, too.</param>
    /// <returns>What it found, or empty; null if the engine has no such check.</returns>
    ValueTask<string?> CheckIntegrityAsync(bool isFull, CancellationToken cancellationToken = default);
}
