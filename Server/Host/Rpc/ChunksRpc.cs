using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Chunks service over the operations.</summary>
internal sealed class ChunksRpc(ServerOperations operations, CallerGate gate, ServerMetrics metrics) : ChunksBase
{
    public override async Task<PutFramesResponse> PutFrames(
        IAsyncStreamReader<PushedFrame> requestStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var figures = await operations.Uploads.PutFramesAsync(
            caller, requestStream.ReadAllAsync(context.CancellationToken), context.CancellationToken);
        return new PutFramesResponse
        {
            NewChunks = (ulong)figures.NewChunks,
            NewPlainBytes = (ulong)figures.NewPlainBytes,
            StoredBytes = (ulong)figures.StoredBytes,
        };
    }

    public override async Task FetchChunks(
        FetchChunksRequest request, IServerStreamWriter<FetchedFrame> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        ChunkRange[] wants = [.. request.Wants.Select(run => new ChunkRange(run.Entry, run.First, run.Count))];
        if (request.Portion is { } portion)
        {
            using var part = await operations.Releases.FetchSliceAsync(
                caller, request.ManifestDigest.ToManifestDigest(), wants is [var one] ? one : default,
                new ChunkSlice(portion.Offset, portion.Bytes), context.CancellationToken);
            await SendAsync(part, responseStream, context.CancellationToken);
            return;
        }

        var batches = operations.Releases.FetchChunksAsync(
            caller, request.ManifestDigest.ToManifestDigest(), wants, context.CancellationToken);
        await foreach (var batch in batches)
        {
            using (batch) await SendAsync(batch, responseStream, context.CancellationToken);
        }
    }

    private async Task SendAsync(
        FrameBatch batch, IServerStreamWriter<FetchedFrame> stream, CancellationToken cancellationToken)
    {
        await stream.WriteAllAsync(batch.Frames, cancellationToken);
        metrics.Sent(SentContent.Chunks, batch.FrameBytes);
    }
}
