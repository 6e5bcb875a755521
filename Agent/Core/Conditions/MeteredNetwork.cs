using System.Net.Sockets;

namespace ChunkOta.Agent;

/// <summary>NetworkManager's opinion whether the network in use is metered.</summary>
internal static class MeteredNetwork
{
    private const uint Yes = 1;
    private const uint GuessedYes = 3;

    /// <summary>Asks NetworkManager over the system bus.</summary>
    /// <param name="environment">Reads the variable that names another bus.</param>
    /// <returns>True only when it says so: without a bus or NetworkManager nothing is known.</returns>
    public static bool IsMetered(Func<string, string?> environment)
    {
        try
        {
            using var bus = SystemBus.Open(environment("DBUS_SYSTEM_BUS_ADDRESS"));
            return bus.GetUInt32(
                "org.freedesktop.NetworkManager",
                "/org/freedesktop/NetworkManager",
                "org.freedesktop.NetworkManager",
                "Metered") is Yes or GuessedYes;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
