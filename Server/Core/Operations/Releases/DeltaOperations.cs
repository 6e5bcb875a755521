using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Gives out and lists deltas.</summary>
public sealed class DeltaOperations
{
    private readonly ICatalogue _catalogue;
    private readonly ReleaseOperations _releases;
    private readonly DeltaReads _reads;
    private readonly DeltaRequests _requests;
    private readonly SendingGate _sending;

    /// <param name="catalogue">Lists deltas and jobs.</param>
    /// <param name="releases">Decides which releases a caller may read.</param>
    /// <param name="reads">Reads the deltas.</param>
    /// <param name="requests">Has the progress of the jobs.</param>
    /// <param name="sending">Admits the transfers of deltas.</param>
    internal DeltaOperations(
        ICatalogue catalogue, ReleaseOperations releases, DeltaReads reads, DeltaRequests requests,
        SendingGate sending) =>
        (_catalogue, _releases, _reads, _requests, _sending) = (catalogue, releases, reads, requests, sending);

    /// <summary>A delta that leads to a release, for a caller that may read the release; verified in the last
    /// hour.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, DELTA_UNKNOWN.</exception>
    public async ValueTask<DeltaRecord> GetAsync(
        Caller caller, Digest manifest, Digest delta, CancellationToken cancellationToken)
    {
        var release = await _releases.GetReadableAsync(caller, manifest, cancellationToken);
        return await _reads.GetVerifiedAsync(release, delta, cancellationToken);
    }

    /// <summary>The bytes of a delta from an offset on, in pieces.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, THROTTLED, and as
    /// <see cref="DeltaReads.ReadAsync"/>.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Caller caller, Digest manifest, Digest delta, ulong offset,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await _releases.GetReadableAsync(caller, manifest, cancellationToken);
        using var transfer = await _sending.EnterAsync(caller, cancellationToken);
        await foreach (var piece in _reads.ReadAsync(release, delta, offset, cancellationToken))
        {
            await transfer.SpendAsync(piece.Length, cancellationToken);
            yield return piece;
        }
    }

    /// <summary>Queues the deltas to a version that the devices of a channel need, and lists these alone.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN, VERSION_UNKNOWN.</exception>
    public async Task<DeltaOverview> PrepareAsync(
        Caller caller, ReleaseQuery query, string channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(query);
        var product = query.Product ?? "";
        caller.DemandPublish(product);
        Names.CheckChannel(channel);
        ReleaseVersion.Parse(query.Version ?? "");
        await _catalogue.Identities.GetProductAsync(product, cancellationToken);
        var page = await _catalogue.Releases.ListReleasesAsync(query, cancellationToken);
        if (page.Releases.Count == 0)
            throw new ChunkOtaException(
                ErrorCodes.VersionUnknown, $"unknown version of {product}: {query.Version}: publish it first");
        HashSet<DeltaPair> needed = [];
        foreach (var release in page.Releases)
        {
            var sources = await _requests.EnqueueNeededAsync(release, channel, cancellationToken);
            needed.UnionWith(sources.Select(from => new DeltaPair(from, release.Manifest)));
        }

        return await ListAsync(product, needed.Contains, cancellationToken);
    }

    /// <summary>The built and the queued deltas of a product.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<DeltaOverview> ListAsync(Caller caller, string product, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        caller.DemandRead(product);
        await _catalogue.Identities.GetProductAsync(product, cancellationToken);
        return await ListAsync(product, _ => true, cancellationToken);
    }

    private async Task<DeltaOverview> ListAsync(
        string product, Func<DeltaPair, bool> isWanted, CancellationToken cancellationToken)
    {
        var queued = await _catalogue.DeltaJobs.ListAsync(product, cancellationToken);
        var built = await _catalogue.Deltas.ListAsync(product, cancellationToken);
        return new DeltaOverview(
            [
                .. queued.Where(job => isWanted(job.Pair))
                    .Select(job => (job, _requests.Progress.GetValueOrDefault(job.Id))),
            ],
            [.. built.Where(delta => isWanted(delta.Pair))], _requests.IsOn);
    }
}
