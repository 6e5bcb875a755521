using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Protos;

/// <summary>The service of chunks.proto as C# has it: its methods, and how their messages become bytes.</summary>
/// <remarks>
/// The wire form is that of the generated messages PutFramesRequest and FetchChunksResponse. Those would copy each
/// frame twice more; these go between pooled buffers and the transport.
/// </remarks>
internal static class ChunksContract
{
    /// <summary>The service's full name.</summary>
    public const string ServiceName = "chunkota.v1.Chunks";

    private const int PublishIdField = PutFramesRequest.PublishIdFieldNumber;
    private const int ChunkBytesField = PutFramesRequest.ChunkBytesFieldNumber;
    private const int PushedFrameField = PutFramesRequest.FrameFieldNumber;
    private const int SpansField = FetchChunksResponse.SpansFieldNumber;
    private const int FetchedFrameField = FetchChunksResponse.FrameFieldNumber;
    private const int NoField = 0;

    /// <summary>Brings frames to the store.</summary>
    public static Method<PushedFrame, PutFramesResponse> PutFrames { get; } = new(
        MethodType.ClientStreaming, ServiceName, "PutFrames",
        new Marshaller<PushedFrame>(Serialize, DeserializePushed), Generated(PutFramesResponse.Parser));

    /// <summary>Sends the frames that an agent asks for.</summary>
    public static Method<FetchChunksRequest, FetchedFrame> FetchChunks { get; } = new(
        MethodType.ServerStreaming, ServiceName, "FetchChunks",
        Generated(FetchChunksRequest.Parser), new Marshaller<FetchedFrame>(Serialize, DeserializeFetched));

    /// <summary>Binds a service to its methods; gRPC servers find it through <see cref="ChunksBase"/>.</summary>
    /// <param name="serviceBinder">What takes the methods.</param>
    /// <param name="service">The service, or null where only the methods are asked for.</param>
    public static void BindService(ServiceBinderBase serviceBinder, ChunksBase? service)
    {
        ArgumentNullException.ThrowIfNull(serviceBinder);
        serviceBinder.AddMethod(PutFrames, service is null
            ? null
            : new ClientStreamingServerMethod<PushedFrame, PutFramesResponse>(service.PutFrames));
        serviceBinder.AddMethod(FetchChunks, service is null
            ? null
            : new ServerStreamingServerMethod<FetchChunksRequest, FetchedFrame>(service.FetchChunks));
    }

    private static void Serialize(PushedFrame message, SerializationContext context)
    {
        var publishId = message.PublishId.Span;
        var numbers = message.ChunkBytes.Span;
        var frame = message.Frame.Span;
        context.SetPayloadLength(FrameFields.Measure(publishId, numbers, frame));
        FrameFields.Write(context.GetBufferWriter(),
            PublishIdField, publishId, ChunkBytesField, numbers, PushedFrameField, frame);
        context.Complete();
    }

    private static void Serialize(FetchedFrame message, SerializationContext context)
    {
        var numbers = message.Spans.Span;
        var frame = message.Frame.Span;
        context.SetPayloadLength(FrameFields.Measure([], numbers, frame));
        FrameFields.Write(context.GetBufferWriter(), NoField, [], SpansField, numbers, FetchedFrameField, frame);
        context.Complete();
    }

    private static PushedFrame DeserializePushed(DeserializationContext context) => new(FrameFields.Read(
        context.PayloadAsReadOnlySequence(), PublishIdField, ChunkBytesField, PushedFrameField));

    private static FetchedFrame DeserializeFetched(DeserializationContext context) => new(FrameFields.Read(
        context.PayloadAsReadOnlySequence(), NoField, SpansField, FetchedFrameField));

    private static Marshaller<T> Generated<T>(MessageParser<T> parser) where T : IBufferMessage, IMessage<T> => new(
        (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
