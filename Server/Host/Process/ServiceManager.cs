using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace ChunkOta.Server;

/// <summary>Tells systemd the state of the service: <c>Type=notify</c>. Without <c>NOTIFY_SOCKET</c> it does
/// nothing.</summary>
internal sealed class ServiceManager(TimeProvider clock)
{
    private readonly SystemdNotifier _notifier = new();

    /// <summary>All ports are open, or a reload has ended.</summary>
    public void Ready() => _notifier.Notify(ServiceState.Ready);

    /// <summary>The server stops.</summary>
    public void Stopping() => _notifier.Notify(ServiceState.Stopping);

    /// <summary>A reload begins, at this time of the monotonic clock.</summary>
    public void Reloading() => _notifier.Notify(new ServiceState(string.Create(
        CultureInfo.InvariantCulture,
        $"RELOADING=1\nMONOTONIC_USEC={clock.GetTimestamp() / (clock.TimestampFrequency / 1_000_000)}")));
}
