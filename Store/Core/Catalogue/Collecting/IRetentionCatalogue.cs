using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Deletes releases, and knows how many of them a channel keeps. Any number of callers at once.</summary>
/// <remarks>A deleted release is in the trash: it is not visible, its content stays, and it can come back until a
/// collection purges it.</remarks>
public interface IRetentionCatalogue
{
    /// <summary>Deletes a release by <see cref="RetentionRules.CheckDeletion"/>.</summary>
    /// <param name="manifest">A visible release.</param>
    /// <param name="isForced">Even if devices run it, or if it is held.</param>
    /// <param name="devicesSince">Only devices that have reported since then count.</param>
    /// <returns>The release as it was.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>; <c>IN_USE</c>.</exception>
    Task<ReleaseUse> DeleteAsync(
        Digest manifest, bool isForced, DateTimeOffset devicesSince, CancellationToken cancellationToken = default);

    /// <summary>Makes releases of a version visible again.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="version">The version.</param>
    /// <param name="platform">Null for all platforms of which the version is in the trash.</param>
    /// <returns>The platforms, sorted.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>: none is in the trash.</exception>
    Task<IReadOnlyList<string>> UndeleteAsync(
        string product, string version, string? platform, CancellationToken cancellationToken = default);

    /// <summary>The product and the platform of a deleted release, purged or not; null for any other.</summary>
    ValueTask<(string Product, string Platform)?> FindDeletedAsync(
        Digest manifest, CancellationToken cancellationToken = default);

    /// <summary>Sets how many of its newest releases a channel keeps.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="channel">A channel of the product.</param>
    /// <param name="keep">At least 1; null for all.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>, <c>CHANNEL_UNKNOWN</c>.</exception>
    Task SetPolicyAsync(
        string product, string channel, int? keep, CancellationToken cancellationToken = default);

    /// <summary>The policies of a product, by channel; a channel without one keeps all its releases.</summary>
    ValueTask<IReadOnlyList<RetentionPolicy>> ListPoliciesAsync(
        string product, CancellationToken cancellationToken = default);

    /// <summary>All releases of a product whose content is there, deleted or not, the newest of each platform
    /// first.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="devicesSince">Only devices that have reported since then count.</param>
    ValueTask<IReadOnlyList<ReleaseUse>> ListAsync(
        string product, DateTimeOffset devicesSince, CancellationToken cancellationToken = default);

    /// <summary>The devices that report on a product, counted by what they run and what they follow.</summary>
    ValueTask<IReadOnlyList<DeviceGroup>> ListDevicesAsync(
        string product, DateTimeOffset devicesSince, CancellationToken cancellationToken = default);
}
