using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>A server as a source of releases, over gRPC.</summary>
/// <param name="connection">The connection; the caller's.</param>
/// <param name="authorization">Signs the connection's calls.</param>
/// <param name="watch">Ends calls that bring too little.</param>
internal sealed class RpcReleaseSource(
    ServerConnection connection, DeviceAuthorization authorization, StallWatch watch) : IReleaseSource
{
    private readonly Releases.ReleasesClient _releases = new(connection.Invoker);
    private readonly ChunksClient _chunks = new(connection.Invoker);

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecipePart> FetchRecipesAsync(
        Digest manifest,
        IReadOnlyList<int> entries,
        long offset,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new FetchRecipesRequest { ManifestDigest = manifest.ToByteString(), Offset = (ulong)offset };
        foreach (var entry in entries)
            request.Entries.Add((uint)entry);
        using var stall = watch.Begin(cancellationToken);
        using var call = _releases.FetchRecipes(request, cancellationToken: stall.Token);
        while (await NextAsync(stall, call.ResponseStream, ContentBytes).ConfigureAwait(false))
        {
            foreach (var piece in call.ResponseStream.Current.Pieces)
                yield return new RecipePart(piece.Entry, piece.Data.Memory, (long)piece.Offset);
        }
    }

    /// <summary>Counts the bytes of recipes: pieces that hold none would come for ever.</summary>
    private static int ContentBytes(FetchRecipesResponse part) => part.Pieces.Sum(piece => piece.Data.Length);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
        Digest manifest,
        IReadOnlyList<WantedChunks> ranges,
        ChunkPortion? portion,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new FetchChunksRequest
        {
            ManifestDigest = manifest.ToByteString(),
            Portion = portion is { } part
                ? new Portion { Offset = (uint)part.Offset, Bytes = (uint)part.Length }
                : null,
        };
        foreach (var range in ranges)
        {
            request.Wants.Add(new ChunkRun
            {
                Entry = (uint)range.Entry,
                First = (uint)range.First,
                Count = (uint)range.Count,
            });
        }
        using var stall = watch.Begin(cancellationToken);
        using var call = _chunks.FetchChunks(request, new CallOptions(cancellationToken: stall.Token));
        while (await NextAsync(stall, call.ResponseStream, frame => frame.Frame.Length).ConfigureAwait(false))
            yield return call.ResponseStream.Current;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
        Digest manifest, Digest delta, long offset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new FetchDeltaRequest
        {
            ManifestDigest = manifest.ToByteString(),
            DeltaDigest = delta.ToByteString(),
            Offset = (ulong)offset,
        };
        using var stall = watch.Begin(cancellationToken);
        using var call = _releases.FetchDelta(request, cancellationToken: stall.Token);
        while (await NextAsync(stall, call.ResponseStream, part => part.Piece.Length).ConfigureAwait(false))
            yield return call.ResponseStream.Current.Piece.Memory;
    }

    /// <summary>Waits for the next message. A clock that was set in the middle of a run fails one call, which is
    /// retryable, and the next is signed by the server's.</summary>
    private async Task<bool> NextAsync<T>(StallGuard stall, IAsyncStreamReader<T> stream, Func<T, int> contentBytes)
    {
        try
        {
            return await stall.MoveNextAsync(stream, contentBytes).ConfigureAwait(false);
        }
        catch (ClockSkewException e)
        {
            authorization.Follow(e);
            throw;
        }
    }
}
