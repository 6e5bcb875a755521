using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Chunks service: each call names its caller and hands over to the operations.</summary>
internal sealed class ChunksRpc(PublishOperations publishes, ReleaseOperations releases, Callers callers) : ChunksBase
{
    public override async Task<PutFramesResponse> PutFrames(
        IAsyncStreamReader<PushedFrame> requestStream, ServerCallContext context) =>
        await publishes.PutFramesAsync(
            await callers.IdentifyAsync(context), requestStream.ReadAllAsync(context.CancellationToken),
            context.CancellationToken);

    public override async Task FetchChunks(
        FetchChunksRequest request, IServerStreamWriter<FetchedFrame> responseStream, ServerCallContext context)
    {
        var caller = await callers.IdentifyAsync(context);
        await foreach (var batch in releases.FetchChunksAsync(caller, request, context.CancellationToken))
        {
            using (batch)
            {
                foreach (var frame in batch.Frames) await responseStream.WriteAsync(frame, context.CancellationToken);
            }
        }
    }
}
