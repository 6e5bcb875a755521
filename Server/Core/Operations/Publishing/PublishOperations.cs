using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Begins publishes and commits them.</summary>
/// <param name="store">Gets the releases.</param>
/// <param name="deltas">Queues the deltas to a new release.</param>
/// <param name="limits">Limits of a release.</param>
/// <param name="log">Gets a line for each publish.</param>
public sealed partial class PublishOperations(
    Store store, DeltaRequests deltas, PublishLimits limits, ILogger<PublishOperations> log)
{
    /// <summary>Begins a publish.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN, VERSION_INVALID,
    /// VERSION_NOT_GREATER.</exception>
    public async Task<PublishStart> BeginAsync(
        Caller caller, WantedPublish wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(wanted);
        caller.DemandPublish(wanted.Product);
        Names.CheckPlatform(wanted.Platform);
        Names.CheckChannel(wanted.Channel);
        var version = ReleaseVersion.Parse(wanted.Version);
        var product = await store.Catalogue.Identities.GetProductAsync(wanted.Product, cancellationToken);
        if (!wanted.AllowsOlder) await CheckIsGreatestAsync(wanted, version, cancellationToken);

        var releases = store.Catalogue.Releases;
        var newest = await releases.FindNewestAsync(wanted.Product, wanted.Platform, cancellationToken);
        var existing = await releases.FindReleaseAsync(
            wanted.Product, wanted.Platform, wanted.Version, cancellationToken);
        var channel = await releases.FindChannelAsync(
            wanted.Product, wanted.Platform, wanted.Channel, cancellationToken);
        var lease = await store.Catalogue.Publishes.BeginAsync(
            wanted.Product, wanted.Platform, wanted.Version, wanted.Channel, wanted.AllowsOlder, cancellationToken);
        LogBegun(lease.Product, lease.Version, lease.Platform, lease.Channel, caller.Id);
        return new PublishStart
        {
            Lease = lease,
            Product = product,
            Newest = newest,
            Existing = existing,
            Channel = channel,
            MaxReleaseBytes = limits.ReleaseBytes,
        };
    }

    /// <summary>Begins the upload of a manifest, to be committed or forecast.</summary>
    public IncomingManifest ReceiveManifest(Caller caller) =>
        new(store.Catalogue.Publishes, caller, limits.ManifestBytes);

    /// <summary>Makes the release visible and current in its channel.</summary>
    /// <param name="caller">The publisher.</param>
    /// <param name="manifest">Complete.</param>
    /// <param name="pointerEnvelope">The signed channel pointer; null when none was sent.</param>
    /// <exception cref="ChunkOtaException">USAGE: a part is missing; and as
    /// <see cref="ReleaseCommitter.CommitAsync"/>.</exception>
    public async Task<(Digest Manifest, CommitOutcome Outcome)> CommitAsync(
        Caller caller, IncomingManifest manifest, ReadOnlyMemory<byte>? pointerEnvelope,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(manifest);
        if (pointerEnvelope is not { } envelope)
            throw new ChunkOtaException(
                ErrorCodes.Usage, "the commit is incomplete: send its header, with a channel pointer, first");
        var lease = manifest.Lease;
        var (digest, outcome) = await store.Publishing.Committer.CommitAsync(
            lease, manifest.Whole, SignedDocument.Parse(envelope), cancellationToken);
        LogCommitted(
            lease.Product, lease.Version, lease.Platform, lease.Channel, digest, outcome.IsAlreadyPublished, caller.Id);
        await deltas.EnqueueForAsync(digest, cancellationToken);
        return (digest, outcome);
    }

    private async Task CheckIsGreatestAsync(
        WantedPublish wanted, ReleaseVersion version, CancellationToken cancellationToken)
    {
        var others = await store.Catalogue.Releases.ListChannelVersionsAsync(
            wanted.Product, wanted.Platform, wanted.Channel, cancellationToken);
        if (others.Count != 0 && others.Max(ReleaseVersion.Parse) is var greatest && greatest.CompareTo(version) > 0)
        {
            throw new ChunkOtaException(
                ErrorCodes.VersionNotGreater,
                $"the version is not greater than {greatest}, which channel {wanted.Channel} of {wanted.Product} had: "
                    + $"{version}: publish a greater one, or allow older ones");
        }
    }

    [LoggerMessage(4010, LogLevel.Information,
        "Publish of {Product} {Version} ({Platform}) to {Channel} begun by {Caller}")]
    private partial void LogBegun(string product, string version, string platform, string channel, string caller);

    [LoggerMessage(4011, LogLevel.Information,
        "{Product} {Version} ({Platform}) is current in {Channel}: manifest {Manifest}, already published "
            + "{IsAlreadyPublished}, by {Caller}")]
    private partial void LogCommitted(
        string product, string version, string platform, string channel, Digest manifest, bool isAlreadyPublished,
        string caller);
}
