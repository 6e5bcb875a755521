using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Devices of a fleet that run one version.</summary>
/// <param name="Version">Empty for devices on which nothing is installed.</param>
/// <param name="Devices">The number of devices.</param>
public readonly record struct FleetPart(string Version, long Devices);

/// <summary>Forecasts what a release costs its fleet, before and after it is published.</summary>
/// <param name="store">Has the releases.</param>
/// <param name="releases">Decides which releases a caller may read.</param>
public sealed class ForecastOperations(Store store, ReleaseOperations releases)
{
    private const int MaxParts = 1000;

    /// <summary>Forecasts a visible release.</summary>
    /// <param name="caller">The holder of a token.</param>
    /// <param name="manifest">The release.</param>
    /// <param name="channel">Only devices of this channel count; null for all.</param>
    /// <param name="fleet">Devices by version; empty for what devices report.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, RELEASE_UNKNOWN, TOO_LARGE, USAGE,
    /// VERSION_UNKNOWN.</exception>
    public async Task<ReleaseForecast> ForecastAsync(
        Caller caller, Digest manifest, string? channel, IReadOnlyList<FleetPart> fleet,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        var release = await releases.GetReadableAsync(caller, manifest, cancellationToken);
        var envelope = await store.Reading.Releases.GetManifestAsync(release.Manifest, cancellationToken);
        var wanted = new ForecastTarget(
            release.Product, release.Platform, channel, release.Manifest, envelope.Payload.Memory, IsVisible: true);
        return await ForecastAsync(wanted, fleet, cancellationToken);
    }

    /// <summary>Forecasts a release that is being published: checks it as a commit would, and changes
    /// nothing.</summary>
    /// <param name="manifest">Complete.</param>
    /// <param name="fleet">Devices by version; empty for what devices report.</param>
    /// <exception cref="ChunkOtaException">As for <see cref="PublishOperations.CommitAsync"/> and
    /// <see cref="ForecastAsync(Caller, Digest, string, IReadOnlyList{FleetPart}, CancellationToken)"/>.</exception>
    public async Task<ReleaseForecast> ForecastPublishAsync(
        IncomingManifest manifest, IReadOnlyList<FleetPart> fleet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var lease = manifest.Lease;
        var verified = await store.Publishing.Committer.CheckAsync(lease, manifest.ReadWhole(), cancellationToken);
        var wanted = new ForecastTarget(
            lease.Product, lease.Platform, lease.Channel, verified.Digest, verified.Envelope.Payload.Memory,
            IsVisible: false);
        return await ForecastAsync(wanted, fleet, cancellationToken);
    }

    private async Task<ReleaseForecast> ForecastAsync(
        ForecastTarget wanted, IReadOnlyList<FleetPart> fleet, CancellationToken cancellationToken)
    {
        if (fleet.Count > MaxParts || fleet.Any(part => part.Devices > int.MaxValue))
            throw new ChunkOtaException(
                ErrorCodes.TooLarge,
                $"the fleet is too large: give at most {MaxParts} versions and {int.MaxValue} devices of each");
        if (fleet.DistinctBy(part => part.Version).Count() != fleet.Count)
            throw new ChunkOtaException(ErrorCodes.Usage, "the fleet names a version twice: name each once");
        return await store.Costs.Forecaster.ForecastAsync(
            wanted, [.. fleet.Select(part => (part.Version, part.Devices))], cancellationToken);
    }
}
