using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>A chunk in the domains that have it, and releases that have it.</summary>
/// <param name="Shared">In the domain that products share; null if it is not there.</param>
/// <param name="Isolated">In the domains of isolated products, by product.</param>
/// <param name="Releases">At most 20 releases.</param>
public sealed record ChunkExplanation(
    ChunkFate? Shared, IReadOnlyList<(string Product, ChunkFate Chunk)> Isolated,
    IReadOnlyList<JudgedRelease> Releases);

/// <summary>Deletes releases, and frees what no release needs any more.</summary>
public sealed partial class CollectionOperations
{
    private readonly Store _store;
    private readonly DeltaRequests _deltas;
    private readonly CollectionWorker _worker;
    private readonly TimeSpan _grace;
    private readonly ILogger<CollectionOperations> _log;

    /// <param name="store">Has the releases.</param>
    /// <param name="deltas">Queues the deltas that devices of a deleted release need.</param>
    /// <param name="worker">Runs collections.</param>
    /// <param name="grace">The time for which a deleted release can come back.</param>
    /// <param name="log">Gets a line for each deletion.</param>
    internal CollectionOperations(
        Store store, DeltaRequests deltas, CollectionWorker worker, TimeSpan grace,
        ILogger<CollectionOperations> log) =>
        (_store, _deltas, _worker, _grace, _log) = (store, deltas, worker, grace, log);

    private IRetentionCatalogue Retention => _store.Catalogue.Retention;

    private CollectionPlanner Planner => _store.Collection.Planner;

    /// <summary>Deletes a release.</summary>
    /// <param name="caller">An admin.</param>
    /// <param name="manifest">The release.</param>
    /// <param name="isForced">Even if devices run it, or if it is held. The deltas that those devices need are queued
    /// first.</param>
    /// <returns>The release as it was, and how long it can come back.</returns>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, RELEASE_UNKNOWN, IN_USE.</exception>
    public async Task<(ReleaseUse Release, TimeSpan Grace)> DeleteAsync(
        Caller caller, Digest manifest, bool isForced, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        if (isForced && await _store.Catalogue.Releases.FindReleaseAsync(manifest, cancellationToken) is { } release)
            await _deltas.EnqueueFromAsync(release, cancellationToken);
        var deleted = await Retention.DeleteAsync(manifest, isForced, Planner.DevicesSince, cancellationToken);
        LogDeleted(deleted.Product, deleted.Version, deleted.Platform, deleted.Devices, caller.Id);
        return (deleted, _grace);
    }

    /// <summary>Makes a deleted release visible again.</summary>
    /// <returns>The platforms.</returns>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN, RELEASE_UNKNOWN.</exception>
    public async Task<IReadOnlyList<string>> UndeleteAsync(
        Caller caller, string product, string version, string? platform, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        Names.CheckProduct(product);
        if (platform is not null) Names.CheckPlatform(platform);
        version = ReleaseVersion.Parse(version).ToString();
        var platforms = await Retention.UndeleteAsync(product, version, platform, cancellationToken);
        LogUndeleted(product, version, string.Join(' ', platforms), caller.Id);
        return platforms;
    }

    /// <summary>Sets how many of its newest releases a channel keeps.</summary>
    /// <param name="caller">An admin.</param>
    /// <param name="product">The product.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="keep">Null for all.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN, CHANNEL_UNKNOWN.</exception>
    public async Task SetPolicyAsync(
        Caller caller, string product, string channel, int? keep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        Names.CheckProduct(product);
        Names.CheckChannel(channel);
        await Retention.SetPolicyAsync(product, channel, keep, cancellationToken);
        LogPolicy(channel, product, keep ?? 0, caller.Id);
    }

    /// <summary>Runs a collection.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, and as <see cref="CollectionWorker.CollectAsync"/>.</exception>
    public Task<CollectionFigures> CollectAsync(
        Caller caller, IProgress<CollectionProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        return _worker.CollectAsync(progress, cancellationToken);
    }

    /// <summary>Plans a collection.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, STORE_UNAVAILABLE, OBJECT_DAMAGED.</exception>
    public Task<CollectionPlan> PlanAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        return Planner.PlanAsync(cancellationToken);
    }

    /// <summary>Says why a release is kept, on each of its platforms.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED; RELEASE_UNKNOWN: it never was, or its content is
    /// gone.</exception>
    public async Task<IReadOnlyList<JudgedRelease>> ExplainAsync(
        Caller caller, string product, string version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        Names.CheckProduct(product);
        version = ReleaseVersion.Parse(version).ToString();
        var releases = await Planner.PlanAsync(product, cancellationToken);
        List<JudgedRelease> found = [.. releases.Where(release => release.Release.Version == version)];
        return found.Count > 0
            ? found
            : throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown,
                $"unknown release of {product}: {version}: it was never published, or a collection gave up its "
                    + "content");
    }

    /// <summary>Says why a chunk is kept.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, ENTRY_INVALID, STORE_UNAVAILABLE, OBJECT_DAMAGED.</exception>
    public async Task<ChunkExplanation> ExplainAsync(Caller caller, Digest chunk, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        var collection = _store.Catalogue.Collection;
        var shared = await collection.FindChunkAsync(DedupDomain.Shared, chunk, cancellationToken);
        List<(string Product, ChunkFate Chunk)> isolated = [];
        foreach (var product in await _store.Catalogue.Identities.ListProductsAsync(cancellationToken))
        {
            if (product.IsIsolated
                && await collection.FindChunkAsync(product.Domain, chunk, cancellationToken) is { } fate)
                isolated.Add((product.Name, fate));
        }

        if (shared is null && isolated.Count == 0)
        {
            throw new ChunkOtaException(
                ErrorCodes.EntryInvalid,
                $"the store lacks chunk {chunk}: no release needs it any more, or none ever had it");
        }

        List<string> products = [.. shared?.Products ?? [], .. isolated.SelectMany(one => one.Chunk.Products)];
        return new ChunkExplanation(
            shared, isolated, await Planner.FindReleasesAsync(chunk, products, cancellationToken));
    }

    [LoggerMessage(4112, LogLevel.Warning,
        "{Caller} deleted {Product} {Version} ({Platform}), which {Devices} devices run")]
    private partial void LogDeleted(string product, string version, string platform, long devices, string caller);

    [LoggerMessage(4113, LogLevel.Information, "{Caller} undeleted {Product} {Version} ({Platforms})")]
    private partial void LogUndeleted(string product, string version, string platforms, string caller);

    [LoggerMessage(4114, LogLevel.Information,
        "Channel {Channel} of {Product} keeps {Keep} releases (0: all), by {Caller}")]
    private partial void LogPolicy(string channel, string product, int keep, string caller);
}
