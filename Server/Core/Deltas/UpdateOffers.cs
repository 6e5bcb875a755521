using ChunkOta.Chunking;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Offers deltas to devices that check for an update.</summary>
/// <param name="cache">The stored deltas.</param>
/// <param name="requests">Queues the deltas that are missing.</param>
/// <param name="costs">Measures the update by chunks.</param>
/// <param name="patience">The longest wait for a quick delta.</param>
/// <param name="clock">Measures the wait.</param>
/// <param name="log">Gets a warning when nothing could be offered.</param>
internal sealed partial class UpdateOffers(
    DeltaCache cache, DeltaRequests requests, UpdateCosts costs, TimeSpan patience, TimeProvider clock,
    ILogger<UpdateOffers> log)
{
    private const int MaxOffers = 4;

    /// <summary>An update of fewer bytes by chunks never waits for a delta.</summary>
    private const long WorthWaitingBytes = 256 * 1024;

    /// <summary>Finds the deltas of a pair, and waits a little for one that can be built quickly.</summary>
    /// <remarks>Never throws for a fault of the deltas: the offer is then empty, and the device uses chunks.</remarks>
    /// <param name="pair">The release that the device holds, and the one it is to get.</param>
    /// <param name="mayBuild">Missing deltas may be queued.</param>
    public async Task<UpdateOffer> OfferAsync(DeltaPair pair, bool mayBuild, CancellationToken cancellationToken)
    {
        try
        {
            return await FindOfferAsync(pair, mayBuild, cancellationToken);
        }
        catch (ChunkOtaException failure)
        {
            LogNotOffered(
                FailureSeverity.LevelOf(failure), pair.From, pair.To, failure.Code, failure.DescribeForOperator());
            return UpdateOffer.None;
        }
    }

    /// <summary>Finds the deltas of a pair whose old release may be gone, so that none can be built.</summary>
    /// <remarks>Never throws for a fault of the deltas, as <see cref="OfferAsync"/>.</remarks>
    public async Task<UpdateOffer> OfferStoredAsync(DeltaPair pair, CancellationToken cancellationToken)
    {
        try
        {
            var found = await cache.FindAsync(pair, cancellationToken);
            return new UpdateOffer([.. found.Take(MaxOffers)], ChunkBytes: 0);
        }
        catch (ChunkOtaException failure)
        {
            LogNotOffered(
                FailureSeverity.LevelOf(failure), pair.From, pair.To, failure.Code, failure.DescribeForOperator());
            return UpdateOffer.None;
        }
    }

    private async Task<UpdateOffer> FindOfferAsync(DeltaPair pair, bool mayBuild, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var chunkBytes = await FindChunkBytesAsync(pair, cancellationToken);
        var found = await cache.FindAsync(pair, cancellationToken);
        if (mayBuild && found.Count == 0 && chunkBytes >= WorthWaitingBytes)
        {
            await requests.AwaitQuickAsync(pair, patience - clock.GetElapsedTime(begun), cancellationToken);
            found = await cache.FindAsync(pair, cancellationToken);
        }

        if (mayBuild && chunkBytes > 0 && found.All(delta => delta.Quality != DeltaQuality.Best))
            await requests.AskAsync(pair, DeltaQuality.Best, cancellationToken);
        return new UpdateOffer([.. found.Take(MaxOffers)], chunkBytes);
    }

    /// <summary>The bytes of the update by chunks; 0 when they are not known in time.</summary>
    private async Task<long> FindChunkBytesAsync(DeltaPair pair, CancellationToken cancellationToken)
    {
        try
        {
            var cost = await costs.GetAsync(pair.From, pair.To, cancellationToken).AsTask()
                .WaitAsync(patience, clock, cancellationToken);
            return cost.ChunkBytes;
        }
        catch (TimeoutException)
        {
            // The measurement goes on, and the next device gets its result.
            return 0;
        }
    }

    [LoggerMessage(EventId = 4063, Message = "No delta is offered from {From} to {To}: {Code}: {Reason}")]
    private partial void LogNotOffered(LogLevel level, Digest from, Digest to, string code, string reason);
}
