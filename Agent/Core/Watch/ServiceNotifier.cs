using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ChunkOta.Agent;

/// <summary>Tells the service manager how the process is: the protocol of systemd's <c>Type=notify</c>. Without
/// <c>NOTIFY_SOCKET</c> it does nothing.</summary>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class ServiceNotifier(Func<string, string?> environment)
{
    private readonly string? _path = environment("NOTIFY_SOCKET") is { Length: > 0 } path ? path : null;

    /// <summary>The time between two signs of life that the service manager asks for, half of its limit; null for
    /// none.</summary>
    public TimeSpan? SignOfLife { get; } =
        long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
        && limit is > 0 and < long.MaxValue / 10
            ? TimeSpan.FromMicroseconds(limit / 2)
            : null;

    /// <summary>Tells a state, such as <c>READY=1</c>; several are separated by line feeds.</summary>
    /// <param name="state">The state.</param>
    public void Tell(string state)
    {
        if (_path is null)
            return;
        try
        {
            // A service manager that does not read must not hold the work up: what it has no space for is lost.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
            {
                Blocking = false,
            };
            socket.Connect(new UnixDomainSocketEndPoint(_path[0] == '@' ? $"\0{_path[1..]}" : _path));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // The service manager is gone, or was never there: the work goes on.
            return;
        }
    }
}
