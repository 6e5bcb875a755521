using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Pinning releases as known-good: an anchor is never collected, and deltas are made from it.</summary>
internal sealed partial class AnchorOperations(
    ICatalogue catalogue, ReleaseOperations releases, DeltaRequests deltas, ILogger<AnchorOperations> log)
{
    public async Task<AddAnchorResponse> AddAsync(
        Caller caller, AddAnchorRequest request, CancellationToken cancellationToken)
    {
        var release = await releases.GetReadableAsync(
            caller, ReleaseOperations.ToDigest(request.ManifestDigest), cancellationToken);
        caller.DemandPublish(release.Product);
        var isNew = await catalogue.Releases.AddAnchorAsync(release.Manifest, cancellationToken);
        LogAnchor(release.Product, release.Version, release.Platform, isNew, caller.Id);
        await deltas.EnqueueFromAsync(release, cancellationToken);
        return new AddAnchorResponse { AlreadyThere = !isNew };
    }

    public async Task<RemoveAnchorResponse> RemoveAsync(
        Caller caller, RemoveAnchorRequest request, CancellationToken cancellationToken)
    {
        var release = await releases.GetReadableAsync(
            caller, ReleaseOperations.ToDigest(request.ManifestDigest), cancellationToken);
        caller.DemandPublish(release.Product);
        var wasThere = await catalogue.Releases.RemoveAnchorAsync(release.Manifest, cancellationToken);
        LogNoAnchor(release.Product, release.Version, release.Platform, wasThere, caller.Id);
        return new RemoveAnchorResponse { WasThere = wasThere };
    }

    [LoggerMessage(4032, LogLevel.Information,
        "{Product} {Version} ({Platform}) is an anchor, new {IsNew}, by {Caller}")]
    private partial void LogAnchor(string product, string version, string platform, bool isNew, string caller);

    [LoggerMessage(4033, LogLevel.Information,
        "{Product} {Version} ({Platform}) is no anchor, was one {WasThere}, by {Caller}")]
    private partial void LogNoAnchor(string product, string version, string platform, bool wasThere, string caller);
}
