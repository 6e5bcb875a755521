using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>The release whose cost is forecast.</summary>
/// <param name="Product">The product's name.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Channel">Only devices of this channel count; null: of all.</param>
/// <param name="Manifest">The digest of its manifest.</param>
/// <param name="Payload">The manifest's payload, verified.</param>
/// <param name="IsVisible">It is published; else deltas are made only to be measured.</param>
public sealed record ForecastTarget(
    string Product, string Platform, string? Channel, Digest Manifest, ReadOnlyMemory<byte> Payload, bool IsVisible);

/// <summary>The cost of a release for the devices that run one version.</summary>
/// <param name="Version">The version; empty: nothing is installed.</param>
/// <param name="Cost">How many devices, what each downloads, the disk space it needs.</param>
/// <param name="ChunkBytes">By chunks alone.</param>
/// <param name="DeltaBytes">By the delta; null: there is none.</param>
/// <param name="Quality">Of that delta.</param>
public sealed record ForecastPart(
    string Version, FleetCost Cost, long ChunkBytes, long? DeltaBytes, DeltaQuality? Quality);

/// <summary>A forecast by version.</summary>
/// <param name="Parts">Most devices first.</param>
/// <param name="IsAssumed">Nobody runs anything: weighed as one device on the channel's last release.</param>
public sealed record ReleaseForecast(IReadOnlyList<ForecastPart> Parts, bool IsAssumed)
{
    /// <summary>The cost for the whole fleet.</summary>
    public FleetForecast Fleet { get; } = FleetForecast.Of(Parts.Select(part => part.Cost));
}

/// <summary>Forecasts what a release costs, by what devices run.</summary>
/// <remarks>A device that runs a release not known here, or of another product, is taken for one that holds nothing;
/// one that has the release already does not count.</remarks>
public sealed class Forecaster
{
    /// <summary>Deltas that are made to be measured, at most: those for the versions that most devices run.</summary>
    private const int MaxMeasured = 8;

    /// <summary>Bytes that a file system gives out at least, and what each entry is taken to cost beside its
    /// content.</summary>
    private const long BlockBytes = 4096;

    private readonly ICatalogue _catalogue;
    private readonly ReleaseReader _releases;
    private readonly UpdateCosts _costs;
    private readonly BasePairing _pairing;
    private readonly DeltaBuilder _builder;
    private readonly int _manifestLevel;

    /// <param name="catalogue">Knows releases, devices and deltas.</param>
    /// <param name="releases">Reads manifests.</param>
    /// <param name="costs">Tells what chunks cost.</param>
    /// <param name="pairing">Plans the deltas to a release that is not visible yet.</param>
    /// <param name="builder">Measures them.</param>
    /// <param name="manifestLevel">zstd level of manifest transfers.</param>
    internal Forecaster(
        ICatalogue catalogue, ReleaseReader releases, UpdateCosts costs, BasePairing pairing, DeltaBuilder builder,
        int manifestLevel)
    {
        _catalogue = catalogue;
        _releases = releases;
        _costs = costs;
        _pairing = pairing;
        _builder = builder;
        _manifestLevel = manifestLevel;
    }

    /// <summary>Forecasts.</summary>
    /// <param name="target">The release.</param>
    /// <param name="fleet">Devices by version, an empty one for nothing installed; null: what devices report.</param>
    /// <exception cref="ChunkOtaException">VERSION_UNKNOWN: the fleet names one that is not published;
    /// STORE_UNAVAILABLE.</exception>
    public async Task<ReleaseForecast> ForecastAsync(
        ForecastTarget target, IReadOnlyList<(string Version, long Devices)>? fleet,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var (shares, isAssumed) = fleet is { Count: > 0 }
            ? (await ResolveAsync(target, fleet, cancellationToken).ConfigureAwait(false), false)
            : await FindFleetAsync(target, cancellationToken).ConfigureAwait(false);
        var listing = await _releases.ReadListingAsync(
            Google.Protobuf.UnsafeByteOperations.UnsafeWrap(target.Payload), cancellationToken).ConfigureAwait(false);
        var parts = new List<ForecastPart>();
        foreach (var share in shares.OrderByDescending(share => share.Devices))
        {
            parts.Add(await MeasureAsync(target, listing, share, parts.Count < MaxMeasured, cancellationToken)
                .ConfigureAwait(false));
        }

        return new ReleaseForecast(parts, isAssumed);
    }

    private async Task<List<Share>> ResolveAsync(
        ForecastTarget target, IReadOnlyList<(string Version, long Devices)> fleet, CancellationToken cancellationToken)
    {
        var shares = new List<Share>();
        foreach (var (version, devices) in fleet)
        {
            var release = version.Length == 0
                ? null
                : await _catalogue.Releases.FindReleaseAsync(
                    target.Product, target.Platform, version, cancellationToken)
                    .ConfigureAwait(false)
                    ?? throw new ChunkOtaException(ErrorCodes.VersionUnknown,
                        $"{target.Product} has no version {OneLine.Of(version)} for {target.Platform}");
            shares.Add(new Share(release?.Manifest, version, devices));
        }

        return shares;
    }

    private async Task<(List<Share> Shares, bool IsAssumed)> FindFleetAsync(
        ForecastTarget target, CancellationToken cancellationToken)
    {
        var shares = new List<Share>();
        var unknown = 0L;
        var running = await _catalogue.Devices.ListRunningAsync(target.Product, target.Channel, cancellationToken)
            .ConfigureAwait(false);
        foreach (var (manifest, devices) in running.Where(release => release.Manifest != target.Manifest))
        {
            var release = await _catalogue.Releases.FindReleaseAsync(manifest, cancellationToken).ConfigureAwait(false);
            // A device can report anything, also a release of another product.
            if (release is null || release.Product != target.Product)
                unknown += devices;
            else if (release.Platform == target.Platform)
                shares.Add(new Share(manifest, release.Version, devices));
        }

        if (unknown != 0) shares.Add(new Share(null, "", unknown));
        if (shares.Count != 0) return (shares, false);
        var last = await FindLastAsync(target, cancellationToken).ConfigureAwait(false);
        return ([new Share(last?.Manifest, last?.Version ?? "", 1)], true);
    }

    /// <summary>The release before: of the channel if it has one, else of the product.</summary>
    private async Task<ReleaseRecord?> FindLastAsync(ForecastTarget target, CancellationToken cancellationToken)
    {
        var channel = target.Channel is { } name
            ? await _catalogue.Releases.FindChannelAsync(target.Product, target.Platform, name, cancellationToken)
                .ConfigureAwait(false)
            : null;
        if (channel is not null && channel.Current != target.Manifest)
            return await _catalogue.Releases.FindReleaseAsync(channel.Current, cancellationToken).ConfigureAwait(false);
        var page = await _catalogue.Releases.ListReleasesAsync(
            new ReleaseQuery { Product = target.Product, Platform = target.Platform, PageSize = 2 }, cancellationToken)
            .ConfigureAwait(false);
        return page.Releases.FirstOrDefault(release => release.Manifest != target.Manifest);
    }

    private async Task<ForecastPart> MeasureAsync(
        ForecastTarget target, ReleaseListing wanted, Share share, bool mayBuild, CancellationToken cancellationToken)
    {
        var held = ReleaseListing.Empty;
        var payload = ReadOnlyMemory<byte>.Empty;
        if (share.Manifest is { } manifest)
        {
            var envelope = await _releases.GetManifestAsync(manifest, cancellationToken).ConfigureAwait(false);
            payload = envelope.Payload.Memory;
            held = await _releases.ReadListingAsync(envelope.Payload, cancellationToken).ConfigureAwait(false);
        }

        var files = await _costs.MeasureFilesAsync(held, wanted, cancellationToken).ConfigureAwait(false);
        var chunkBytes = files.Sum(file => file.Bytes);
        var (deltaBytes, quality) = share.Manifest is { } from
            ? await FindDeltaAsync(
                target, new DeltaPair(from, target.Manifest), held, wanted, mayBuild, cancellationToken)
                .ConfigureAwait(false)
            : (null, null);
        var transfer = ManifestTransfer.Encode(target.Payload, payload, _manifestLevel).Frame.Length;
        var takesDelta = deltaBytes < chunkBytes;
        var cost = new FleetCost(
            share.Devices, transfer + (takesDelta ? deltaBytes!.Value : chunkBytes),
            DiskBytesOf(wanted) + (takesDelta ? deltaBytes!.Value : 0));
        return new ForecastPart(share.Version, cost, chunkBytes, deltaBytes, quality);
    }

    private async Task<(long? Bytes, DeltaQuality? Quality)> FindDeltaAsync(
        ForecastTarget target, DeltaPair pair, ReleaseListing held, ReleaseListing wanted, bool mayBuild,
        CancellationToken cancellationToken)
    {
        if (target.IsVisible)
        {
            var made = await _catalogue.Deltas.FindAsync(pair, cancellationToken).ConfigureAwait(false);
            var best = made.Where(delta => delta.Digest is not null).MinBy(delta => delta.Bytes);
            return (best?.Bytes, best?.Quality);
        }

        if (!mayBuild) return (null, null);
        var plan = await _pairing.PairAsync(pair, held, wanted, cancellationToken).ConfigureAwait(false);
        var bytes = await Task.Run(() => _builder.MeasureAsync(plan, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return bytes == 0 ? (null, null) : (bytes, DeltaQuality.Quick);
    }

    /// <summary>
    /// The disk space a device needs beside the installed release, on a file system that shares no blocks.
    /// </summary>
    private static long DiskBytesOf(ReleaseListing release) => release.Sizes.Sum(
        size => BlockBytes + ((Math.Max(0, size) + BlockBytes - 1) / BlockBytes * BlockBytes));

    private readonly record struct Share(Digest? Manifest, string Version, long Devices);
}
