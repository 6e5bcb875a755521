using Grpc.Core;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>Serves <see cref="PostOffice"/>. The request header <c>echo</c> comes back as a response header, the header
/// <c>refuse</c> as the error.</summary>
internal sealed class DiligentClerk : PostOffice.Clerk
{
    public override async Task<Parcel> Send(Parcel request, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("refuse") is { } refusal)
        {
            context.ResponseTrailers.Add("ota-code", refusal);
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"refused: {refusal}"));
        }

        if (context.RequestHeaders.GetValue("echo") is { } echo)
            await context.WriteResponseHeadersAsync(new Metadata { { "echo", echo } });
        return new Parcel(request.Number + 1, request.Bytes);
    }

    public override async Task<Parcel> Collect(IAsyncStreamReader<Parcel> requestStream, ServerCallContext context)
    {
        var count = 0;
        var bytes = new List<byte>();
        await foreach (var parcel in requestStream.ReadAllAsync(context.CancellationToken))
        {
            count++;
            bytes.AddRange(parcel.Bytes);
        }

        return new Parcel(count, [.. bytes]);
    }

    public override async Task Deliver(
        Parcel request, IServerStreamWriter<Parcel> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Number; i++)
            await responseStream.WriteAsync(new Parcel(i, request.Bytes), context.CancellationToken);
    }

    public override async Task Exchange(IAsyncStreamReader<Parcel> requestStream,
        IServerStreamWriter<Parcel> responseStream, ServerCallContext context)
    {
        await foreach (var parcel in requestStream.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(new Parcel(-parcel.Number, parcel.Bytes), context.CancellationToken);
    }
}
