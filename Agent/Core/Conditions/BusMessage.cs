using System.Buffers.Binary;
using System.Text;

namespace ChunkOta.Agent;

/// <summary>The method that a message of D-Bus calls.</summary>
/// <param name="Destination">The name of the program.</param>
/// <param name="Path">The object.</param>
/// <param name="OfInterface">The interface.</param>
/// <param name="Member">The method.</param>
internal readonly record struct BusCall(string Destination, string Path, string OfInterface, string Member);

/// <summary>One message of D-Bus, little-endian.</summary>
/// <remarks>
/// <code>
/// 0 'l'  1 type  2 flags  3 version 1  4 bytes of the body  8 serial  12 bytes of the fields
/// 16 fields: each, at a multiple of 8, a code, the length of a signature, the signature, 0, and the value
/// then, at a multiple of 8, the body
/// </code>
/// </remarks>
/// <param name="bytes">The whole message.</param>
internal sealed class BusMessage(byte[] bytes)
{
    /// <summary>The bytes that tell the length of a message.</summary>
    public const int StartBytes = 16;

    private const byte MethodCall = 1;
    private const byte MethodReturn = 2;
    private const byte PathField = 1;
    private const byte InterfaceField = 2;
    private const byte MemberField = 3;
    private const byte ReplySerialField = 5;
    private const byte DestinationField = 6;
    private const byte SignatureField = 8;
    private const int Alignment = 8;

    /// <summary>True for the answer of a method; false for a failure, a signal or a call.</summary>
    public bool IsReply => bytes[1] == MethodReturn;

    /// <summary>The serial of the call that this message answers; null when it answers none.</summary>
    public uint? ReplySerial
    {
        get
        {
            var end = StartBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
            for (var at = StartBytes; at + 4 <= end; at = Align(at, Alignment))
            {
                var (code, signature) = (bytes[at], (char)bytes[at + 2]);
                var value = at + 4;
                if (bytes[at + 1] != 1 || value + (signature == 'g' ? 1 : 4) > end)
                    return null;
                switch (signature)
                {
                    case 'u':
                        if (code == ReplySerialField)
                            return BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(value));
                        at = value + 4;
                        break;
                    case 'g':
                        at = value + 1 + bytes[value] + 1;
                        break;
                    case 's' or 'o':
                        at = value + 4 + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(value)) + 1;
                        break;
                    default:
                        return null;
                }
                if (at <= value || at > bytes.Length)
                    return null;
            }
            return null;
        }
    }

    /// <summary>Returns the length of a message by its first bytes; negative when it is not a message that this class
    /// reads.</summary>
    /// <param name="start">The first <see cref="StartBytes"/> bytes.</param>
    public static long LengthOf(ReadOnlySpan<byte> start) => start[0] != (byte)'l' || start[3] != 1
        ? -1
        : Align(StartBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(start[12..]), Alignment)
            + BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);

    /// <summary>Returns the bytes of a call with arguments that are text.</summary>
    /// <param name="serial">Its number on the connection; not 0.</param>
    /// <param name="call">The method.</param>
    /// <param name="arguments">The arguments.</param>
    public static byte[] Write(uint serial, BusCall call, ReadOnlySpan<string> arguments)
    {
        var body = new MemoryStream();
        foreach (var argument in arguments)
        {
            Pad(body, 4);
            WriteText(body, argument);
        }
        var message = new MemoryStream();
        message.Write([(byte)'l', MethodCall, 0, 1]);
        WriteNumber(message, (uint)body.Length);
        WriteNumber(message, serial);
        WriteNumber(message, 0);
        WriteField(message, PathField, 'o', call.Path);
        WriteField(message, InterfaceField, 's', call.OfInterface);
        WriteField(message, MemberField, 's', call.Member);
        WriteField(message, DestinationField, 's', call.Destination);
        if (arguments.Length > 0)
        {
            Pad(message, Alignment);
            message.Write([SignatureField, 1, (byte)'g', 0, (byte)arguments.Length]);
            message.Write(Encoding.ASCII.GetBytes(new string('s', arguments.Length) + "\0"));
        }
        var fieldBytes = (uint)message.Length - StartBytes;
        Pad(message, Alignment);
        message.Write(body.ToArray());
        var bytes = message.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), fieldBytes);
        return bytes;
    }

    /// <summary>Returns the body where it is a variant with a 32-bit number; else null.</summary>
    public uint? FindUInt32Variant()
    {
        var body = bytes.AsSpan(
            Align(StartBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)), Alignment));
        return body is [1, (byte)'u', 0, _, _, _, _, _, ..] ? BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) : null;
    }

    private static void WriteField(MemoryStream message, byte code, char signature, string value)
    {
        Pad(message, Alignment);
        message.Write([code, 1, (byte)signature, 0]);
        WriteText(message, value);
    }

    private static void WriteText(MemoryStream message, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteNumber(message, (uint)bytes.Length);
        message.Write(bytes);
        message.WriteByte(0);
    }

    private static void WriteNumber(MemoryStream message, uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        message.Write(bytes);
    }

    private static void Pad(MemoryStream message, int alignment)
    {
        while (message.Length % alignment != 0)
            message.WriteByte(0);
    }

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private static long Align(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
