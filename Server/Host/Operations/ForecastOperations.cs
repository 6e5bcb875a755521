using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf.Collections;
using DeltaQuality = ChunkOta.Protos.V1.DeltaQuality;

namespace ChunkOta.Server;

/// <summary>Saying what a release costs its fleet, before and after it is published.</summary>
internal sealed class ForecastOperations(
    ICatalogue catalogue, ReleaseReader reader, ReleaseOperations releases, ReleaseCommitter committer,
    Forecaster forecaster)
{
    private const int MaxShares = 1000;

    /// <summary>Of a release that is visible.</summary>
    public async Task<ForecastResponse> ForecastAsync(
        Caller caller, ForecastRequest request, CancellationToken cancellationToken)
    {
        caller.DemandReader();
        var release = await releases.GetReadableAsync(caller, request.ManifestDigest.ToDigest(), cancellationToken);
        var manifest = await reader.GetManifestAsync(release.Manifest, cancellationToken);
        var target = new ForecastTarget(
            release.Product, release.Platform, request.Channel.Length == 0 ? null : request.Channel, release.Manifest,
            manifest.Payload.Memory, IsVisible: true);
        return await ForecastAsync(target, request.Fleet, cancellationToken);
    }

    /// <summary>Of a release that is being published: checked as a commit would, and left as it is.</summary>
    /// <param name="caller">Who publishes.</param>
    /// <param name="parts">A header and the pieces of the manifest's envelope.</param>
    /// <param name="maxManifestBytes">Payload of a manifest at most.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ForecastResponse> ForecastPublishAsync(
        Caller caller, IAsyncEnumerable<ForecastPublishRequest> parts, int maxManifestBytes,
        CancellationToken cancellationToken)
    {
        var sent = new IncomingManifest(catalogue.Publishes, caller, maxManifestBytes);
        RepeatedField<FleetShare> fleet = [];
        await foreach (var part in parts)
        {
            if (part.Header is { } header)
            {
                await sent.BeginAsync(header.PublishId.Memory, header.ManifestEnvelopeBytes, cancellationToken);
                fleet = header.Fleet;
            }
            else
            {
                sent.Add(part.ManifestPiece.Span);
            }
        }

        var lease = sent.Lease;
        var manifest = await committer.CheckAsync(lease, sent.Whole, cancellationToken);
        var target = new ForecastTarget(
            lease.Product, lease.Platform, lease.Channel, manifest.Digest, manifest.Envelope.Payload.Memory,
            IsVisible: false);
        return await ForecastAsync(target, fleet, cancellationToken);
    }

    private async Task<ForecastResponse> ForecastAsync(
        ForecastTarget target, RepeatedField<FleetShare> fleet, CancellationToken cancellationToken)
    {
        if (fleet.Count > MaxShares || fleet.Any(share => share.Devices > int.MaxValue))
            throw new ChunkOtaException(
                ErrorCodes.TooLarge, $"A fleet has at most {MaxShares} versions and {int.MaxValue} devices of each");
        if (fleet.DistinctBy(share => share.Version).Count() != fleet.Count)
            throw new ChunkOtaException(ErrorCodes.Usage, "A fleet names each version once");
        var forecast = await forecaster.ForecastAsync(
            target, [.. fleet.Select(share => (share.Version, (long)share.Devices))], cancellationToken);
        return new ForecastResponse
        {
            Shares = { forecast.Parts.Select(ToShare) },
            IsAssumed = forecast.IsAssumed,
            Devices = (ulong)forecast.Fleet.Devices,
            P50Bytes = (ulong)forecast.Fleet.P50Bytes,
            P95Bytes = (ulong)forecast.Fleet.P95Bytes,
            EgressBytes = (ulong)forecast.Fleet.EgressBytes,
            PeakDiskBytes = (ulong)forecast.Fleet.PeakDiskBytes,
        };
    }

    private static ForecastShare ToShare(ForecastPart part) => new()
    {
        Version = part.Version,
        Devices = (ulong)part.Cost.Devices,
        Bytes = (ulong)part.Cost.Bytes,
        ChunkBytes = (ulong)part.ChunkBytes,
        DeltaBytes = (ulong)(part.DeltaBytes ?? 0),
        DeltaQuality = (DeltaQuality)(part.Quality ?? 0),
        PeakDiskBytes = (ulong)part.Cost.PeakDiskBytes,
    };
}
