using ChunkOta.Chunking;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Pins releases as known-good: an anchor is never collected, and deltas are built from it.</summary>
public sealed partial class AnchorOperations
{
    private readonly ICatalogue _catalogue;
    private readonly ReleaseOperations _releases;
    private readonly DeltaRequests _deltas;
    private readonly ILogger<AnchorOperations> _log;

    /// <param name="catalogue">Has the anchors.</param>
    /// <param name="releases">Decides which releases a caller may read.</param>
    /// <param name="deltas">Queues the deltas from a new anchor.</param>
    /// <param name="log">Gets a line for each change.</param>
    internal AnchorOperations(
        ICatalogue catalogue, ReleaseOperations releases, DeltaRequests deltas, ILogger<AnchorOperations> log) =>
        (_catalogue, _releases, _deltas, _log) = (catalogue, releases, deltas, log);

    /// <summary>Makes a release an anchor.</summary>
    /// <returns>False when it was one before.</returns>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, NOT_ALLOWED.</exception>
    public async Task<bool> AddAsync(Caller caller, Digest manifest, CancellationToken cancellationToken)
    {
        var release = await _releases.GetReadableAsync(caller, manifest, cancellationToken);
        caller.DemandPublish(release.Product);
        var isNew = await _catalogue.Releases.AddAnchorAsync(release.Manifest, cancellationToken);
        LogAdded(release.Product, release.Version, release.Platform, isNew, caller.Id);
        await _deltas.EnqueueFromAsync(release, cancellationToken);
        return isNew;
    }

    /// <summary>Makes an anchor an ordinary release again.</summary>
    /// <returns>False when it was not an anchor.</returns>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, NOT_ALLOWED.</exception>
    public async Task<bool> RemoveAsync(Caller caller, Digest manifest, CancellationToken cancellationToken)
    {
        var release = await _releases.GetReadableAsync(caller, manifest, cancellationToken);
        caller.DemandPublish(release.Product);
        var wasAnchor = await _catalogue.Releases.RemoveAnchorAsync(release.Manifest, cancellationToken);
        LogRemoved(release.Product, release.Version, release.Platform, wasAnchor, caller.Id);
        return wasAnchor;
    }

    [LoggerMessage(4032, LogLevel.Information,
        "{Product} {Version} ({Platform}) is an anchor, new {IsNew}, by {Caller}")]
    private partial void LogAdded(string product, string version, string platform, bool isNew, string caller);

    [LoggerMessage(4033, LogLevel.Information,
        "{Product} {Version} ({Platform}) is not an anchor any more, was one {WasAnchor}, by {Caller}")]
    private partial void LogRemoved(string product, string version, string platform, bool wasAnchor, string caller);
}
