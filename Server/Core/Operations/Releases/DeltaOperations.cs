using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Gives out and lists deltas.</summary>
/// <param name="catalogue">Lists deltas and jobs.</param>
/// <param name="releases">Decides which releases a caller may read.</param>
/// <param name="reads">Reads the deltas.</param>
/// <param name="requests">Has the progress of the jobs.</param>
public sealed class DeltaOperations(
    ICatalogue catalogue, ReleaseOperations releases, DeltaReads reads, DeltaRequests requests)
{
    private const int MaxListed = 1000;

    /// <summary>A delta that leads to a release, for a caller that may read the release.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, DELTA_UNKNOWN.</exception>
    public async ValueTask<DeltaRecord> GetAsync(
        Caller caller, Digest manifest, Digest delta, CancellationToken cancellationToken)
    {
        var release = await releases.GetReadableAsync(caller, manifest, cancellationToken);
        return await reads.GetAsync(release, delta, cancellationToken);
    }

    /// <summary>The bytes of a delta from an offset on, in pieces.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, and as <see cref="DeltaReads.ReadAsync"/>.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Caller caller, Digest manifest, Digest delta, ulong offset,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await releases.GetReadableAsync(caller, manifest, cancellationToken);
        await foreach (var piece in reads.ReadAsync(release, delta, offset, cancellationToken)) yield return piece;
    }

    /// <summary>The built and the queued deltas of a product.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<DeltaOverview> ListAsync(Caller caller, string product, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        caller.DemandRead(product);
        await catalogue.Identities.GetProductAsync(product, cancellationToken);
        var queued = await catalogue.DeltaJobs.ListAsync(product, cancellationToken);
        var built = await catalogue.Deltas.ListAsync(product, cancellationToken);
        return new DeltaOverview(
            [.. queued.Take(MaxListed).Select(job => (job, requests.Progress.GetValueOrDefault(job.Id)))],
            [.. built.Take(MaxListed)], requests.IsOn);
    }
}
