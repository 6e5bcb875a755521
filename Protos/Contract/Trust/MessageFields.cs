using System.Runtime.InteropServices;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>Finds one field of a protobuf message without reading it: fields too large to be copied.</summary>
internal static class MessageFields
{
    /// <summary>Counts the occurrences of a field of bytes or messages.</summary>
    /// <param name="message">A message.</param>
    /// <param name="field">The field's number.</param>
    /// <exception cref="InvalidProtocolBufferException">The bytes are not a message.</exception>
    public static int Count(ReadOnlyMemory<byte> message, int field)
    {
        var count = 0;
        var input = Open(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            count += tag == TagOf(field) ? 1 : 0;
            input.SkipLastField();
        }
        return count;
    }

    /// <summary>True if a field is there as something else than bytes or a message, which readers would take in
    /// different ways.</summary>
    /// <param name="message">A message.</param>
    /// <param name="field">The field's number.</param>
    /// <exception cref="InvalidProtocolBufferException">The bytes are not a message.</exception>
    public static bool HasOtherType(ReadOnlyMemory<byte> message, int field)
    {
        var input = Open(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && tag != TagOf(field)) return true;
            input.SkipLastField();
        }

        return false;
    }

    /// <summary>Finds each occurrence of a field of bytes or messages.</summary>
    /// <param name="message">A message.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="ranges">Receives the position and length of each content; as long as <see cref="Count"/>
    /// says.</param>
    /// <returns>The message without the field.</returns>
    /// <exception cref="InvalidProtocolBufferException">The bytes are not a message.</exception>
    public static byte[] Extract(ReadOnlyMemory<byte> message, int field, Span<(int Start, int Bytes)> ranges)
    {
        using var rest = new MemoryStream();
        var input = Open(message);
        var origin = input.Position;
        var found = 0;
        for (var before = 0; input.ReadTag() is not 0 and var tag; before = (int)(input.Position - origin))
        {
            var start = (int)(input.Position - origin);
            input.SkipLastField();
            var end = (int)(input.Position - origin);
            if (tag != TagOf(field))
            {
                rest.Write(message.Span[before..end]);
                continue;
            }
            // The length stands first: seven bits a byte, the last of them without the eighth.
            start += message.Span[start..end].IndexOfAnyInRange((byte)0, (byte)0x7f) + 1;
            ranges[found++] = (start, end - start);
        }
        return rest.ToArray();
    }

    private static uint TagOf(int field) => ((uint)field << 3) | (uint)WireFormat.WireType.LengthDelimited;

    private static CodedInputStream Open(ReadOnlyMemory<byte> message) =>
        MemoryMarshal.TryGetArray(message, out var array)
            ? new CodedInputStream(array.Array!, array.Offset, array.Count)
            : new CodedInputStream(message.ToArray());
}
