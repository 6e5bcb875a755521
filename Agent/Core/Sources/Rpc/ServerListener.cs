using System.Runtime.CompilerServices;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>A connection by which a server tells this device that a channel of a product has moved.</summary>
/// <remarks>It carries nothing for hours, and nothing in this process is woken to keep it.</remarks>
internal sealed class ServerListener : IDisposable
{
    /// <summary>The longest time that a server can make a device wait.</summary>
    private const uint MaxDelayMilliseconds = 600_000;

    private readonly SigningKey _key;
    private readonly ServerConnection _connection;
    private readonly Devices.DevicesClient _devices;

    /// <summary>Prepares a connection; nothing is sent before the call.</summary>
    /// <param name="address">The server.</param>
    /// <param name="trust">Decides which certificates are accepted.</param>
    /// <param name="key">The device's key; from now on this object's to dispose of.</param>
    /// <param name="deviceId">The id that the server gave this device.</param>
    /// <param name="clock">Dates signatures.</param>
    public ServerListener(
        ServerAddress address, ServerTrust trust, SigningKey key, string deviceId, TimeProvider clock)
    {
        _key = key;
        _connection = ServerConnection.Open(
            address, trust, new WireMeter(), new DeviceAuthorization(key, clock) { DeviceId = deviceId },
            isQuiet: true);
        _devices = new Devices.DevicesClient(_connection.Invoker);
    }

    /// <summary>Listens until the server ends it.</summary>
    /// <param name="product">The product.</param>
    /// <returns>For each reason to check, the time to wait before: first that the server listens, since a move before
    /// that was missed, then each move.</returns>
    /// <exception cref="ChunkOtaException">Any code of the server; <c>SERVER_UNAVAILABLE</c>.</exception>
    public async IAsyncEnumerable<TimeSpan> ListenAsync(
        string product, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = _devices.WatchChannels(
            new WatchChannelsRequest { Product = product }, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            yield return TimeSpan.FromMilliseconds(
                Math.Min(call.ResponseStream.Current.DelayMilliseconds, MaxDelayMilliseconds));
        }
    }

    /// <summary>Ends the call and closes the connection.</summary>
    public void Dispose()
    {
        _connection.Dispose();
        _key.Dispose();
    }
}
