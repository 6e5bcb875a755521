using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Protos;

/// <summary>The base of a server's chunk service; chunks.proto says what each call promises.</summary>
[BindServiceMethod(typeof(ChunksContract), nameof(ChunksContract.BindService))]
public abstract class ChunksBase
{
    /// <summary>Takes frames; when it returns, all their chunks are durable and indexed.</summary>
    /// <param name="requestStream">The frames; the handler disposes of each.</param>
    /// <param name="context">The call.</param>
    public virtual Task<PutFramesResponse> PutFrames(
        IAsyncStreamReader<PushedFrame> requestStream, ServerCallContext context) => throw Unimplemented();

    /// <summary>Sends the chunks asked for, in order.</summary>
    /// <param name="request">Which chunks of which release.</param>
    /// <param name="responseStream">Takes the frames; their memory may be used again when the write has
    /// returned.</param>
    /// <param name="context">The call.</param>
    public virtual Task FetchChunks(
        FetchChunksRequest request, IServerStreamWriter<FetchedFrame> responseStream, ServerCallContext context) =>
        throw Unimplemented();

    private static RpcException Unimplemented() => new(new Status(StatusCode.Unimplemented, ""));
}
