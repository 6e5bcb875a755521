using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ChunkOta.Agent;

/// <summary>A connection to the D-Bus system bus that reads properties, and nothing else.</summary>
/// <remarks>Every wait ends within seconds; a bus that answers anything unexpected is an
/// <see cref="IOException"/>.</remarks>
internal sealed class SystemBus : IDisposable
{
    private const string DefaultPath = "/run/dbus/system_bus_socket";
    private const int MaxMessageBytes = 64 * 1024;
    private const int MaxMessages = 16;
    private const int MaxLineBytes = 512;
    private const int TimeoutMilliseconds = 3000;

    private readonly Socket _socket;
    private uint _serial;

    private SystemBus(Socket socket) => _socket = socket;

    /// <summary>Connects, and identifies this process by its user.</summary>
    /// <param name="address">Addresses as D-Bus writes them, of which the first Unix socket is used; null for the
    /// usual one.</param>
    /// <exception cref="IOException">The bus refuses this process, or is not one.</exception>
    /// <exception cref="SocketException">There is no bus.</exception>
    public static SystemBus Open(string? address)
    {
        var bus = new SystemBus(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendTimeout = TimeoutMilliseconds,
            ReceiveTimeout = TimeoutMilliseconds,
        });
        try
        {
            bus._socket.Connect(new UnixDomainSocketEndPoint(PathOf(address)));
            bus.Authenticate();
            bus.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello");
            return bus;
        }
        catch
        {
            bus.Dispose();
            throw;
        }
    }

    /// <summary>Reads a property that is a 32-bit number.</summary>
    /// <param name="destination">The name of the program that has it.</param>
    /// <param name="path">The object.</param>
    /// <param name="ofInterface">The interface.</param>
    /// <param name="name">The property.</param>
    /// <exception cref="IOException">There is no such program, object or property.</exception>
    public uint GetUInt32(string destination, string path, string ofInterface, string name)
    {
        var body = Call(destination, path, "org.freedesktop.DBus.Properties", "Get", ofInterface, name);
        return body.FindUInt32Variant() ?? throw new IOException($"{name} is not a number");
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _socket.Dispose();

    private static string PathOf(string? addresses)
    {
        foreach (var address in (addresses ?? "").Split(';'))
        {
            if (!address.StartsWith("unix:", StringComparison.Ordinal))
                continue;
            foreach (var part in address["unix:".Length..].Split(','))
            {
                if (part.StartsWith("path=", StringComparison.Ordinal))
                    return Uri.UnescapeDataString(part["path=".Length..]);
                if (part.StartsWith("abstract=", StringComparison.Ordinal))
                    return "\0" + Uri.UnescapeDataString(part["abstract=".Length..]);
            }
        }
        return DefaultPath;
    }

    /// <summary>Names no user: the bus takes the one that the kernel tells it.</summary>
    private void Authenticate()
    {
        Send("\0AUTH EXTERNAL\r\n"u8);
        if (ReadLine() != "DATA")
            throw new IOException("the bus does not authenticate by user");
        Send("DATA\r\n"u8);
        if (!ReadLine().StartsWith("OK ", StringComparison.Ordinal))
            throw new IOException("the bus refuses this user");
        Send("BEGIN\r\n"u8);
    }

    private BusMessage Call(
        string destination, string path, string ofInterface, string member, params ReadOnlySpan<string> arguments)
    {
        var serial = ++_serial;
        Send(BusMessage.Write(serial, new BusCall(destination, path, ofInterface, member), arguments));
        for (var messages = 0; messages < MaxMessages; messages++)
        {
            var message = ReadMessage();
            if (message.ReplySerial != serial)
                continue;
            return message.IsReply
                ? message
                : throw new IOException($"{destination} does not answer {member}");
        }
        throw new IOException("the bus answers with other messages alone");
    }

    private BusMessage ReadMessage()
    {
        var start = new byte[BusMessage.StartBytes];
        Receive(start);
        var length = BusMessage.LengthOf(start);
        if (length is < BusMessage.StartBytes or > MaxMessageBytes)
        {
            throw new IOException(
                string.Create(CultureInfo.InvariantCulture, $"the bus sends a message of {length} bytes"));
        }
        var message = new byte[length];
        start.CopyTo(message, 0);
        Receive(message.AsSpan(start.Length));
        return new BusMessage(message);
    }

    private string ReadLine()
    {
        var line = new List<byte>();
        Span<byte> next = stackalloc byte[1];
        while (line.Count < MaxLineBytes)
        {
            Receive(next);
            if (next[0] == (byte)'\n')
                return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
            line.Add(next[0]);
        }
        throw new IOException("the bus sends a line without an end");
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_socket.Send(bytes)..];
    }

    private void Receive(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var received = _socket.Receive(bytes);
            if (received == 0)
                throw new IOException("the bus closed the connection");
            bytes = bytes[received..];
        }
    }
}
