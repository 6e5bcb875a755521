using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>A message that protobuf never sees: a number and raw bytes, written straight into the transport's buffer.</summary>
internal sealed record Parcel(int Number, byte[] Bytes)
{
    public static readonly Marshaller<Parcel> Marshaller = Marshallers.Create(Write, Read);

    private static void Write(Parcel parcel, SerializationContext context)
    {
        context.SetPayloadLength(sizeof(int) + parcel.Bytes.Length);
        var writer = context.GetBufferWriter();
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), parcel.Number);
        writer.Advance(sizeof(int));
        writer.Write(parcel.Bytes);
        context.Complete();
    }

    private static Parcel Read(DeserializationContext context)
    {
        var payload = context.PayloadAsReadOnlySequence();
        Span<byte> number = stackalloc byte[sizeof(int)];
        payload.Slice(0, sizeof(int)).CopyTo(number);
        return new Parcel(BinaryPrimitives.ReadInt32LittleEndian(number), payload.Slice(sizeof(int)).ToArray());
    }
}
