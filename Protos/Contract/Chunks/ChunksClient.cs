using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Protos;

/// <summary>Calls the chunk service of a server; chunks.proto says what each call promises.</summary>
public sealed class ChunksClient : ClientBase<ChunksClient>
{
    /// <summary>Calls through a channel.</summary>
    /// <param name="channel">The caller's own.</param>
    public ChunksClient(ChannelBase channel) : base(channel) { }

    /// <summary>Calls through an invoker, which may add headers or map errors.</summary>
    /// <param name="callInvoker">The caller's own.</param>
    public ChunksClient(CallInvoker callInvoker) : base(callInvoker) { }

    private ChunksClient(ClientBaseConfiguration configuration) : base(configuration) { }

    /// <summary>Brings frames to the store.</summary>
    /// <param name="options">Headers, deadline, cancellation.</param>
    /// <returns>The call: write the frames, complete, await the answer.</returns>
    public AsyncClientStreamingCall<PushedFrame, PutFramesResponse> PutFrames(CallOptions options) =>
        CallInvoker.AsyncClientStreamingCall(ChunksContract.PutFrames, null, options);

    /// <summary>Fetches chunks of a release.</summary>
    /// <param name="request">Which chunks; at most 32,768 runs.</param>
    /// <param name="options">Headers, deadline, cancellation.</param>
    /// <returns>The call: read the frames and dispose of each.</returns>
    public AsyncServerStreamingCall<FetchedFrame> FetchChunks(FetchChunksRequest request, CallOptions options) =>
        CallInvoker.AsyncServerStreamingCall(ChunksContract.FetchChunks, null, options, request);

    /// <inheritdoc/>
    protected override ChunksClient NewInstance(ClientBaseConfiguration configuration) => new(configuration);
}
