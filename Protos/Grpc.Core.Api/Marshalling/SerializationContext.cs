using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a message's bytes go: whole by <see cref="Complete(byte[])"/>, or through the writer and then
/// <see cref="Complete()"/>, with its length said first where it is known.</summary>
public abstract class SerializationContext
{
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    public virtual void SetPayloadLength(int payloadLength) { }

    public virtual void Complete() => throw new NotImplementedException();
}
