using System.Buffers;
using Grpc.Core;

namespace ChunkOta.Tests.Protos.Chunks;

/// <summary>Takes a message as gRPC does, and holds the marshaller to the length that it announced.</summary>
internal sealed class BufferSerialization : SerializationContext
{
    private readonly ArrayBufferWriter<byte> _writer = new();
    private int _announced = -1;

    public byte[] Bytes { get; private set; } = [];

    public override void SetPayloadLength(int payloadLength) => _announced = payloadLength;

    public override IBufferWriter<byte> GetBufferWriter() => _writer;

    public override void Complete()
    {
        Bytes = _writer.WrittenSpan.ToArray();
        Assert.Equal(_announced, Bytes.Length);
    }

    public static byte[] Of<T>(Marshaller<T> marshaller, T message)
    {
        var context = new BufferSerialization();
        marshaller.ContextualSerializer(message, context);
        return context.Bytes;
    }
}

/// <summary>Gives a message in pieces, as it comes from a network.</summary>
internal sealed class BufferDeserialization(byte[] bytes, int pieceLength) : DeserializationContext
{
    public override int PayloadLength => bytes.Length;

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence()
    {
        Piece? first = null, last = null;
        for (var at = 0; at < bytes.Length; at += pieceLength)
        {
            last = new Piece(bytes.AsMemory(at, Math.Min(pieceLength, bytes.Length - at)), last);
            first ??= last;
        }
        return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    public static T Of<T>(Marshaller<T> marshaller, byte[] bytes, int pieceLength = int.MaxValue) =>
        marshaller.ContextualDeserializer(
            new BufferDeserialization(bytes, Math.Min(pieceLength, Math.Max(1, bytes.Length))));

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
