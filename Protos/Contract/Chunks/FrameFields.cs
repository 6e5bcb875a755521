using System.Buffers;
using System.Numerics;

namespace ChunkOta.Protos;

/// <summary>The wire form of a frame message: protobuf's, without its copies.</summary>
/// <remarks>
/// Fields: optional publish id (bytes), numbers (repeated uint32, packed when written, either way when read), frame
/// (bytes). Unknown fields are passed over; of a field that occurs twice the last counts, as everywhere in protobuf.
/// </remarks>
internal sealed class FrameFields
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;
    private const int MaxVarintBytes = 10;

    public uint[] Numbers { get; private set; } = [];

    public int NumberCount { get; private set; }

    public byte[] Frame { get; private set; } = [];

    public int FrameBytes { get; private set; }

    public byte[] PublishId { get; private set; } = [];

    /// <summary>
    /// Reads a message; its numbers and frame are in arrays of the shared pool, which the caller returns.
    /// </summary>
    /// <param name="message">The whole message, valid for this call.</param>
    /// <param name="publishIdField">The field's number, or 0 where there is none.</param>
    /// <param name="numbersField">The field's number.</param>
    /// <param name="frameField">The field's number.</param>
    /// <exception cref="FrameInvalidException">The bytes are not a protobuf message, or a limit is
    /// exceeded.</exception>
    public static FrameFields Read(
        in ReadOnlySequence<byte> message, int publishIdField, int numbersField, int frameField)
    {
        var fields = new FrameFields();
        try
        {
            fields.ReadAll(new SequenceReader<byte>(message), publishIdField, numbersField, frameField);
            return fields;
        }
        catch
        {
            if (fields.Numbers.Length > 0)
                ArrayPool<uint>.Shared.Return(fields.Numbers);
            throw;
        }
    }

    /// <summary>Length in bytes of a message as <see cref="Write"/> writes it.</summary>
    public static int Measure(ReadOnlySpan<byte> publishId, ReadOnlySpan<uint> numbers, ReadOnlySpan<byte> frame)
    {
        var numberBytes = PackedBytes(numbers);
        return FieldBytes(publishId.Length) + FieldBytes(numberBytes) + FieldBytes(frame.Length);
    }

    /// <summary>Writes a message; every field has a number below 16, so that its tag is one byte.</summary>
    public static void Write(
        IBufferWriter<byte> writer, int publishIdField, ReadOnlySpan<byte> publishId,
        int numbersField, ReadOnlySpan<uint> numbers, int frameField, ReadOnlySpan<byte> frame)
    {
        WriteBytes(writer, publishIdField, publishId);
        var numberBytes = PackedBytes(numbers);
        if (numberBytes > 0)
        {
            WriteHead(writer, numbersField, numberBytes);
            var destination = writer.GetSpan(numberBytes);
            var at = 0;
            foreach (var number in numbers)
                at += PutVarint(destination[at..], number);
            writer.Advance(at);
        }
        WriteBytes(writer, frameField, frame);
    }

    private static void WriteBytes(IBufferWriter<byte> writer, int field, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        WriteHead(writer, field, bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteHead(IBufferWriter<byte> writer, int field, int length)
    {
        var destination = writer.GetSpan(1 + VarintBytes((uint)length));
        destination[0] = (byte)((field << 3) | LengthDelimited);
        writer.Advance(1 + PutVarint(destination[1..], (uint)length));
    }

    private static int PutVarint(Span<byte> destination, uint value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            destination[at++] = (byte)(value | 0x80);
        destination[at++] = (byte)value;
        return at;
    }

    private static int FieldBytes(int length) => length == 0 ? 0 : 1 + VarintBytes((uint)length) + length;

    private static int PackedBytes(ReadOnlySpan<uint> numbers)
    {
        var bytes = 0;
        foreach (var number in numbers)
            bytes += VarintBytes(number);
        return bytes;
    }

    // Seven bits a byte: ceil(bits / 7), and one byte for zero.
    private static int VarintBytes(uint value) => (BitOperations.Log2(value | 1) / 7) + 1;

    private void ReadAll(SequenceReader<byte> reader, int publishIdField, int numbersField, int frameField)
    {
        ReadOnlySequence<byte> frame = default;
        while (!reader.End)
        {
            var tag = ReadVarint(ref reader);
            var (field, type) = (tag >> 3, (int)(tag & 7));
            if (field == 0 || tag > uint.MaxValue)
                throw Invalid("it has a field number that cannot be");
            if (type == LengthDelimited)
            {
                var bytes = ReadBytes(ref reader);
                if (field == (ulong)frameField)
                    frame = bytes;
                else if (field == (ulong)numbersField)
                    AddPacked(bytes);
                else if (field == (ulong)publishIdField)
                    PublishId = bytes.Length <= PushedFrame.MaxPublishIdBytes
                        ? bytes.ToArray()
                        : throw Invalid($"a publish id of {bytes.Length} bytes");
            }
            else if (field == (ulong)numbersField && type == Varint)
            {
                Reserve(1);
                Numbers[NumberCount++] = (uint)ReadVarint(ref reader);
            }
            else
                Skip(ref reader, type);
        }
        TakeFrame(frame);
    }

    private void TakeFrame(ReadOnlySequence<byte> frame)
    {
        if (frame.Length > FrameMessage.MaxFrameBytes)
            throw Invalid($"a frame of {frame.Length} bytes is above the limit of {FrameMessage.MaxFrameBytes}");
        FrameBytes = (int)frame.Length;
        if (FrameBytes == 0)
            return;
        Frame = ArrayPool<byte>.Shared.Rent(FrameBytes);
        frame.CopyTo(Frame);
    }

    private void AddPacked(ReadOnlySequence<byte> packed)
    {
        // Each number ends in the one byte whose high bit is clear: counting those gives the exact array length.
        var count = 0;
        foreach (var segment in packed)
            foreach (var value in segment.Span)
                count += value < 0x80 ? 1 : 0;
        Reserve(count);
        var reader = new SequenceReader<byte>(packed);
        while (!reader.End)
            Numbers[NumberCount++] = (uint)ReadVarint(ref reader);
    }

    private void Reserve(int more)
    {
        if (more > FrameMessage.MaxNumbers - NumberCount)
            throw Invalid($"more than {FrameMessage.MaxNumbers} numbers");
        if (NumberCount + more <= Numbers.Length)
            return;
        var larger = ArrayPool<uint>.Shared.Rent(Math.Max(NumberCount + more, Numbers.Length * 2));
        Numbers.AsSpan(0, NumberCount).CopyTo(larger);
        if (Numbers.Length > 0)
            ArrayPool<uint>.Shared.Return(Numbers);
        Numbers = larger;
    }

    private static ReadOnlySequence<byte> ReadBytes(ref SequenceReader<byte> reader)
    {
        var length = ReadVarint(ref reader);
        if (length > (ulong)reader.Remaining)
            throw Invalid("it ends inside a field");
        var bytes = reader.UnreadSequence.Slice(0, (long)length);
        reader.Advance((long)length);
        return bytes;
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        var value = 0UL;
        for (var count = 0; count < MaxVarintBytes; count++)
        {
            if (!reader.TryRead(out var next))
                throw Invalid("it ends inside a number");
            value |= (ulong)(next & 0x7f) << (7 * count);
            if (next < 0x80)
                return value;
        }
        throw Invalid("a number has more than 64 bits");
    }

    private static void Skip(ref SequenceReader<byte> reader, int type)
    {
        if (type == Varint)
        {
            ReadVarint(ref reader);
            return;
        }
        var length = type switch
        {
            Fixed64 => sizeof(ulong),
            Fixed32 => sizeof(uint),
            _ => throw Invalid($"a field has the type {type}, which is not used"),
        };
        if (length > reader.Remaining)
            throw Invalid("it ends inside a field");
        reader.Advance(length);
    }

    private static FrameInvalidException Invalid(string why) => new($"the message does not hold a frame: {why}");
}
