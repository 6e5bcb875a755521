using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf;
using DeltaQuality = ChunkOta.Chunking.DeltaQuality;

namespace ChunkOta.Server;

/// <summary>What a device that holds a release is offered.</summary>
/// <param name="Deltas">Smallest first.</param>
/// <param name="ChunkBytes">What chunks would cost; 0: not known.</param>
internal sealed record UpdateOffer(IReadOnlyList<DeltaOffer> Deltas, ulong ChunkBytes)
{
    public static UpdateOffer None { get; } = new([], 0);
}

/// <summary>Offering deltas, giving them out, and listing them.</summary>
internal sealed partial class DeltaOperations(
    ICatalogue catalogue, IObjectReader objects, DeltaCache cache, DeltaRequests requests, UpdateCosts costs,
    DeltaSettings settings, TimeProvider clock, ILogger<DeltaOperations> log)
{
    private const int PieceBytes = 256 * 1024;
    private const int MaxOffers = 4;

    /// <summary>A delta is in use as long as it is being sent.</summary>
    private const long TouchEveryBytes = 64L * PieceBytes;

    private const int MaxListed = 1000;

    /// <summary>Below this many bytes of chunks no device waits for a delta.</summary>
    private const long WorthWaitingBytes = 256 * 1024;

    /// <summary>What there is for a pair; waits a little for what can be made quickly.</summary>
    /// <remarks>Whatever is wrong with deltas, chunks will do: then nothing is offered.</remarks>
    /// <param name="pair">What the device holds, and what it is to get.</param>
    /// <param name="mayAsk">What is not there may be made for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UpdateOffer> OfferAsync(DeltaPair pair, bool mayAsk, CancellationToken cancellationToken)
    {
        try
        {
            return await FindOfferAsync(pair, mayAsk, cancellationToken);
        }
        catch (ChunkOtaException failure)
        {
            LogNotOffered(pair.From, pair.To, failure.Code, failure.Message);
            return UpdateOffer.None;
        }
    }

    private async Task<UpdateOffer> FindOfferAsync(DeltaPair pair, bool mayAsk, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var patience = TimeSpan.FromSeconds(settings.WaitSeconds);
        var chunkBytes = await FindChunkBytesAsync(pair, patience, cancellationToken);
        var found = await cache.FindAsync(pair, cancellationToken);
        if (mayAsk && found.Count == 0 && chunkBytes >= WorthWaitingBytes)
        {
            await requests.AwaitQuickAsync(pair, patience - clock.GetElapsedTime(begun), cancellationToken);
            found = await cache.FindAsync(pair, cancellationToken);
        }

        if (mayAsk && chunkBytes > 0 && found.All(delta => delta.Quality != DeltaQuality.Best))
            await requests.AskAsync(pair, DeltaQuality.Best, cancellationToken);
        return new UpdateOffer([.. found.Take(MaxOffers).Select(delta => delta.ToOffer())], (ulong)chunkBytes);
    }

    /// <summary>A delta that leads to a release.</summary>
    /// <exception cref="ChunkOtaException">DELTA_UNKNOWN.</exception>
    public async ValueTask<DeltaRecord> GetAsync(
        ReleaseRecord release, Digest digest, CancellationToken cancellationToken)
    {
        var delta = await cache.FindAsync(digest, release.Manifest, cancellationToken) ?? throw Unknown(digest);
        await catalogue.Deltas.TouchAsync(digest, cancellationToken);
        return delta;
    }

    /// <summary>The pieces of a delta from an offset on.</summary>
    /// <remarks>
    /// Sent from its start, it is hashed on the way, and the last piece is held back until the digest is right: a delta
    /// that is damaged on the disk is forgotten and made anew, and the device takes the chunks.
    /// </remarks>
    public async IAsyncEnumerable<FetchDeltaResponse> FetchAsync(
        ReleaseRecord release, FetchDeltaRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Digest.TryFromBytes(request.DeltaDigest.Span, out var digest))
            throw new ChunkOtaException(ErrorCodes.DeltaUnknown, $"{request.DeltaDigest.Length} bytes are no digest");
        var delta = await GetAsync(release, digest, cancellationToken);
        if (request.Offset > (ulong)delta.Bytes)
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"The delta has {delta.Bytes} bytes, and {request.Offset} are there already");

        var hasher = request.Offset == 0 ? new Blake3Hasher() : null;
        for (var at = (long)request.Offset; at < delta.Bytes; at += PieceBytes)
        {
            var piece = new byte[Math.Min(PieceBytes, delta.Bytes - at)];
            await ReadAsync(delta, at, piece, cancellationToken);
            if (at % TouchEveryBytes < PieceBytes) await catalogue.Deltas.TouchAsync(digest, cancellationToken);
            hasher?.Append(piece);
            if (at + piece.Length == delta.Bytes && hasher is not null && hasher.Finish() != digest)
                throw await ForgetAsync(delta, cancellationToken);
            yield return new FetchDeltaResponse { Piece = UnsafeByteOperations.UnsafeWrap(piece) };
        }
    }

    /// <summary>What is made and what is to be made for a product.</summary>
    public async Task<ListDeltasResponse> ListAsync(
        Caller caller, ListDeltasRequest request, CancellationToken cancellationToken)
    {
        caller.DemandReader();
        caller.DemandRead(request.Product);
        if (await catalogue.Identities.FindProductAsync(request.Product, cancellationToken) is null)
            throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"There is no product {OneLine.Of(request.Product)}");
        var jobs = await catalogue.DeltaJobs.ListAsync(request.Product, cancellationToken);
        var made = await catalogue.Deltas.ListAsync(request.Product, cancellationToken);
        return new ListDeltasResponse
        {
            Queued = { jobs.Take(MaxListed).Select(job => job.ToMessage(requests.Progress.GetValueOrDefault(job.Id))) },
            Built = { made.Take(MaxListed).Select(delta => delta.ToMessage()) },
            IsBuilding = requests.IsOn,
        };
    }

    private async Task<long> FindChunkBytesAsync(DeltaPair pair, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var cost = await costs.GetAsync(pair.From, pair.To, cancellationToken).AsTask()
                .WaitAsync(patience, clock, cancellationToken);
            return cost.ChunkBytes;
        }
        catch (TimeoutException)
        {
            // The next device to ask will know: the work goes on.
            return 0;
        }
    }

    private async ValueTask ReadAsync(DeltaRecord delta, long at, byte[] piece, CancellationToken cancellationToken)
    {
        try
        {
            await objects.ReadAsync(ObjectName.Delta(delta.Digest!.Value), at, piece, cancellationToken);
        }
        catch (Exception failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            throw await ForgetAsync(delta, cancellationToken);
        }
    }

    private async Task<ChunkOtaException> ForgetAsync(DeltaRecord delta, CancellationToken cancellationToken)
    {
        var digest = delta.Digest!.Value;
        await cache.ForgetAsync(digest, cancellationToken);
        await requests.RemakeAsync(delta.Pair, delta.Quality, cancellationToken);
        LogForgotten(digest, delta.Product, delta.Platform, delta.FromVersion, delta.ToVersion);
        return Unknown(digest);
    }

    private static ChunkOtaException Unknown(Digest digest) =>
        new(ErrorCodes.DeltaUnknown, $"There is no delta {digest} to this release: take the chunks");

    [LoggerMessage(4063, LogLevel.Warning, "No delta is offered from {From} to {To}: {Code}: {Reason}")]
    private partial void LogNotOffered(Digest from, Digest to, string code, string reason);

    [LoggerMessage(4062, LogLevel.Warning,
        "Delta {Delta} of {Product} ({Platform}) {From} → {To} was lost or damaged, and is made anew")]
    private partial void LogForgotten(Digest delta, string product, string platform, string from, string to);
}
