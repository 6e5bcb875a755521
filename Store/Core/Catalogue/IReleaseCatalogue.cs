using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The visible releases and the pointers that name them. Any number of callers at once.</summary>
public interface IReleaseCatalogue
{
    /// <summary>Makes a release visible and moves its channel's pointer: both in one transaction, or neither.
    /// Without a pointer the release is held: visible, and current in no channel.</summary>
    /// <remarks>
    /// When it returns, both survive a power cut. A release of the same manifest and a pointer of the same number and
    /// bytes are accepted as they are, so that the call may be repeated after a lost answer.
    /// </remarks>
    /// <param name="publish">The publish that brought the chunks; its lease must be alive.</param>
    /// <param name="release">The release.</param>
    /// <param name="pointer">The pointer that names it as current; null to hold the release.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>PUBLISH_UNKNOWN</c>; <c>VERSION_TAKEN</c>: another manifest has the version; <c>VERSION_NOT_GREATER</c>:
    /// the channel has had a greater version and the publish does not allow older ones; <c>COUNTER_TAKEN</c>;
    /// <c>SEQ_TAKEN</c>; <c>COUNTER_LOWER</c>; <c>RELEASE_EMPTY</c>, <c>RELEASE_SHRUNK</c>; <c>RELEASE_INCOMPLETE</c>:
    /// the store lacks a chunk or recipe; <c>RELEASE_UNKNOWN</c>: the pointer's candidate is not visible.
    /// </exception>
    Task<CommitOutcome> CommitAsync(
        Guid publish, NewRelease release, NewPointer? pointer, CancellationToken cancellationToken = default);

    /// <summary>Commits a publish of a release that is visible already: only its channel's pointer moves.</summary>
    /// <param name="publish">A publish of that release; its lease must be alive.</param>
    /// <param name="release">The visible release.</param>
    /// <param name="pointer">The pointer that names it as current; null to hold the release.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>PUBLISH_UNKNOWN</c>, <c>VERSION_NOT_GREATER</c>, <c>SEQ_TAKEN</c>, <c>COUNTER_LOWER</c>;
    /// <c>RELEASE_UNKNOWN</c>: the release or the pointer's candidate is not visible.
    /// </exception>
    Task<CommitOutcome> CommitAsync(
        Guid publish, ReleaseRecord release, NewPointer? pointer, CancellationToken cancellationToken = default);

    /// <summary>Stores pointers to releases that are visible, all in one transaction, or none: a renewal, a promotion,
    /// a withdrawal or its end.</summary>
    /// <param name="pointers">The pointers.</param>
    /// <param name="withdrawals">How the pointers change what is withdrawn; null for
    /// <see cref="Withdrawals.Unchanged"/>.</param>
    /// <param name="allowances">Whether a channel may be one that the product does not have.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>PRODUCT_UNKNOWN</c>, <c>RELEASE_UNKNOWN</c> (of that product and platform), <c>SEQ_TAKEN</c>,
    /// <c>COUNTER_LOWER</c>, <c>CHANNEL_UNKNOWN</c>.
    /// </exception>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: a pointer drops a withdrawn release.</exception>
    Task PutPointersAsync(
        IReadOnlyList<NewPointer> pointers, Withdrawals? withdrawals = null, Allowances allowances = Allowances.None,
        CancellationToken cancellationToken = default);

    /// <summary>Puts the last pointers of channels into a catalogue that is being rebuilt, all or none, with what they
    /// withdraw.</summary>
    /// <param name="pointers">Verified, of channels that the catalogue does not have.</param>
    /// <param name="reason">Why releases were withdrawn, as far as that is known.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>; <c>RELEASE_UNKNOWN</c>: a pointer names
    /// one.</exception>
    Task RestorePointersAsync(
        IReadOnlyList<NewPointer> pointers, string reason, CancellationToken cancellationToken = default);

    /// <summary>Deletes a channel. Its last pointer stays on record: a channel of the same name goes on from
    /// there.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="platform">The platform; null for all.</param>
    /// <param name="evenIfFollowed">Delete it even if devices follow it.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>; <c>CHANNEL_UNKNOWN</c>; <c>IN_USE</c>:
    /// devices follow it.</exception>
    Task<DeletedChannel> DeleteChannelAsync(
        string product, string channel, string? platform, bool evenIfFollowed,
        CancellationToken cancellationToken = default);

    /// <summary>Makes a release an anchor: pinned as known-good, never collected.</summary>
    /// <returns>False when it was one already: nothing changes.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    Task<bool> AddAnchorAsync(Digest manifest, CancellationToken cancellationToken = default);

    /// <summary>Makes a release an ordinary one again.</summary>
    /// <returns>False when it was not an anchor.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    Task<bool> RemoveAnchorAsync(Digest manifest, CancellationToken cancellationToken = default);

    /// <summary>The release of a manifest; null when it is not visible.</summary>
    ValueTask<ReleaseRecord?> FindReleaseAsync(Digest manifest, CancellationToken cancellationToken = default);

    /// <summary>The release of a version; null when there is none.</summary>
    ValueTask<ReleaseRecord?> FindReleaseAsync(
        string product, string platform, string version, CancellationToken cancellationToken = default);

    /// <summary>The release with the highest counter; null before the first.</summary>
    ValueTask<ReleaseRecord?> FindNewestAsync(
        string product, string platform, CancellationToken cancellationToken = default);

    /// <summary>One page of releases.</summary>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: the page token is not from this server.</exception>
    ValueTask<ReleasePage> ListReleasesAsync(ReleaseQuery query, CancellationToken cancellationToken = default);

    /// <summary>The versions that were ever current in a channel, in no order.</summary>
    ValueTask<IReadOnlyList<string>> ListChannelVersionsAsync(
        string product, string platform, string channel, CancellationToken cancellationToken = default);

    /// <summary>A channel's pointer; null before the first, and after the channel was deleted.</summary>
    ValueTask<ChannelRecord?> FindChannelAsync(
        string product, string platform, string channel, CancellationToken cancellationToken = default);

    /// <summary>All channels of a product, or of all products for null, by product, platform and name.</summary>
    /// <param name="product">The product's name; null for all.</param>
    /// <param name="includeDeleted">Deleted channels, too.</param>
    ValueTask<IReadOnlyList<ChannelRecord>> ListChannelsAsync(
        string? product, bool includeDeleted = false, CancellationToken cancellationToken = default);

    /// <summary>The whole files that a product has, cut with its parameters.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="digests">The digests of the files.</param>
    /// <returns>In order; null for a file that the product does not have.</returns>
    ValueTask<IReadOnlyList<KnownFile?>> FindFilesAsync(
        string product, IReadOnlyList<Digest> digests, CancellationToken cancellationToken = default);

    /// <summary>The figures of a product, or of all products for null, by name.</summary>
    ValueTask<IReadOnlyList<ProductFigures>> ReadProductFiguresAsync(
        string? product, CancellationToken cancellationToken = default);

    /// <summary>The figures of the whole store.</summary>
    ValueTask<StoreFigures> ReadStoreFiguresAsync(CancellationToken cancellationToken = default);
}
