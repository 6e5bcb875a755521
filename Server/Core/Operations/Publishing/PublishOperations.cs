using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Begins publishes and commits them.</summary>
public sealed partial class PublishOperations
{
    private const int FilesPerQuery = 8192;
    private readonly Store _store;
    private readonly DeltaRequests _deltas;
    private readonly ChannelMoves _moves;
    private readonly PublishLimits _limits;
    private readonly IServerObserver? _observer;
    private readonly ILogger<PublishOperations> _log;

    /// <param name="store">Gets the releases.</param>
    /// <param name="deltas">Queues the deltas to a new release.</param>
    /// <param name="moves">Tells the devices that listen.</param>
    /// <param name="limits">Limits of a release.</param>
    /// <param name="observer">Is told of each commit.</param>
    /// <param name="log">Gets a line for each publish.</param>
    internal PublishOperations(
        Store store,
        DeltaRequests deltas,
        ChannelMoves moves,
        PublishLimits limits,
        IServerObserver? observer,
        ILogger<PublishOperations> log) =>
        (_store, _deltas, _moves, _limits, _observer, _log) = (store, deltas, moves, limits, observer, log);

    /// <summary>Begins a publish.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN, VERSION_INVALID, VERSION_NOT_GREATER, and as
    /// <see cref="GuardRules"/>.</exception>
    public async Task<PublishStart> BeginAsync(
        Caller caller, NewPublish wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(wanted);
        caller.DemandPublish(wanted.Product);
        Names.CheckPlatform(wanted.Platform);
        Names.CheckChannel(wanted.Channel);
        var version = ReleaseVersion.Parse(wanted.Version);
        var product = await _store.Catalogue.Identities.GetProductAsync(wanted.Product, cancellationToken);
        if (!wanted.Allowances.HasFlag(Allowances.Older))
            await CheckIsGreatestAsync(wanted, version, cancellationToken);

        var releases = _store.Catalogue.Releases;
        var existing = await releases.FindReleaseAsync(
            wanted.Product, wanted.Platform, wanted.Version, cancellationToken);
        if (existing is not null) await _store.Publishing.Committer.ProbeAsync(existing, cancellationToken);
        var newest = await FindNewestIntactAsync(wanted, cancellationToken);
        var channels = await releases.ListChannelsAsync(wanted.Product, includeDeleted: true, cancellationToken);
        var line = CarriedPointers.Choose(
            channels.Where(known => known.Platform == wanted.Platform), wanted.Channel);
        var lease = await _store.Catalogue.Publishes.BeginAsync(wanted, cancellationToken);
        LogBegun(lease.Product, lease.Version, lease.Platform, lease.Channel, caller.Id);
        var isWhole = existing is not null && !await _store.Catalogue.Damage.HasAnyAsync(cancellationToken);
        // Asked under the lease: what is not among them must stay until the commit.
        var unknown = newest is null || isWhole ? [] : await FindUnknownAsync(newest, cancellationToken);
        return new PublishStart
        {
            Lease = lease,
            Product = product,
            Newest = newest,
            UnknownEntries = unknown,
            Existing = existing,
            IsIncomplete = existing is not null && !isWhole,
            LacksManifest = existing is not null && await IsLostAsync(existing.Manifest, cancellationToken),
            Channel = line.Live,
            OtherChannels = line.Others,
            LeastNumber = (await _store.Catalogue.Restores.FindLastAsync(cancellationToken))?.LeastNumber ?? 0,
            MaxReleaseBytes = _limits.ReleaseBytes,
        };
    }

    /// <summary>Begins the upload of a manifest, to be committed or forecast.</summary>
    public IncomingManifest ReceiveManifest(Caller caller) =>
        new(_store, caller, _limits.ManifestBytes);

    /// <summary>Makes the release visible, and current in its channel unless it is held.</summary>
    /// <param name="caller">The publisher.</param>
    /// <param name="manifest">Complete.</param>
    /// <param name="pointerEnvelope">The signed channel pointer; null to hold the release.</param>
    /// <exception cref="ChunkOtaException">USAGE: a part of the manifest is missing; and as
    /// <see cref="ReleaseCommitter.CommitAsync"/>.</exception>
    public async Task<(Digest Manifest, CommitOutcome Outcome)> CommitAsync(
        Caller caller, IncomingManifest manifest, ReadOnlyMemory<byte>? pointerEnvelope,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(manifest);
        var lease = manifest.Lease;
        var pointer = pointerEnvelope is { } envelope ? SignedDocument.Parse(envelope) : null;
        var (digest, outcome) = await _store.Publishing.Committer.CommitAsync(
            lease, manifest.ReadWhole(), pointer, cancellationToken);
        var channel = pointer is null ? "no channel" : lease.Channel;
        LogCommitted(
            lease.Product, lease.Version, lease.Platform, channel, digest, outcome.IsAlreadyPublished, caller.Id);
        _observer?.Published(outcome.Figures, outcome.IsAlreadyPublished);
        // The release is visible: what follows must happen even if the publisher is gone.
        await _deltas.EnqueueForAsync(digest, CancellationToken.None);
        if (pointer is not null)
            _moves.Moved(lease.Product);
        if (pointer is not null)
            await _store.Publishing.Documents.StoreAsync([SignedDocument.DigestOf(pointer)], cancellationToken);
        return (digest, outcome);
    }

    /// <summary>The release with the highest counter whose manifest the store has: its publisher goes on from
    /// there.</summary>
    private async Task<ReleaseRecord?> FindNewestIntactAsync(NewPublish wanted, CancellationToken cancellationToken)
    {
        var releases = _store.Catalogue.Releases;
        var newest = await releases.FindNewestAsync(wanted.Product, wanted.Platform, cancellationToken);
        if (newest is null || !await IsLostAsync(newest.Manifest, cancellationToken)) return newest;
        for (var query = new ReleaseQuery { Product = wanted.Product, Platform = wanted.Platform }; ;)
        {
            var page = await releases.ListReleasesAsync(query, cancellationToken);
            foreach (var release in page.Releases)
            {
                if (!await IsLostAsync(release.Manifest, cancellationToken)) return release;
            }

            if (page.NextPageToken is null) return null;
            query = query with { PageToken = page.NextPageToken };
        }
    }

    private async ValueTask<bool> IsLostAsync(Digest manifest, CancellationToken cancellationToken) =>
        await _store.Catalogue.Damage.FindObjectAsync(ObjectName.Manifest(manifest), cancellationToken)
            is { IsMarked: true };

    private async Task<IReadOnlyList<uint>> FindUnknownAsync(
        ReleaseRecord release, CancellationToken cancellationToken)
    {
        var listing = await _store.Reading.Releases.GetListingAsync(release.Manifest, cancellationToken);
        List<uint> unknown = [];
        foreach (var batch in listing.Files.Chunk(FilesPerQuery))
        {
            var known = await _store.Publishing.Files.FindAsync(
                release.Product, [.. batch.Select(file => file.Digest)], cancellationToken);
            unknown.AddRange(batch.Zip(known)
                .Where(pair => pair.Second != new KnownFile(pair.First.Digest, pair.First.Size, pair.First.Recipe))
                .Select(pair => pair.First.Entry));
        }

        return unknown;
    }

    private async Task CheckIsGreatestAsync(
        NewPublish wanted, ReleaseVersion version, CancellationToken cancellationToken)
    {
        var others = await _store.Catalogue.Releases.ListChannelVersionsAsync(
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
