using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>A connection to one server on behalf of this device and one product.</summary>
internal sealed class ServerSession : IDisposable
{
    private readonly SigningKey _key;
    private readonly ServerConnection _connection;
    private readonly DeviceAuthorization _authorization;

    /// <summary>Prepares a connection; nothing is sent before the first call.</summary>
    /// <param name="address">The server.</param>
    /// <param name="trust">Whose certificate is believed.</param>
    /// <param name="key">The device's key; from now on this object's to dispose of.</param>
    /// <param name="clock">The clock.</param>
    public ServerSession(ServerAddress address, ServerTrust trust, SigningKey key, TimeProvider clock)
    {
        _key = key;
        _authorization = new DeviceAuthorization(key, clock);
        _connection = ServerConnection.Open(address, trust, Meter, _authorization);
        Source = new RpcReleaseSource(_connection, _authorization, clock);
    }

    /// <summary>Counts the bytes of the connection.</summary>
    public WireMeter Meter { get; } = new();

    /// <summary>The server's releases.</summary>
    public RpcReleaseSource Source { get; }

    /// <summary>Trades an install token for a device id.</summary>
    /// <param name="token">The token.</param>
    /// <param name="product">The product it is to be for.</param>
    /// <param name="platform">The platform.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_ALLOWED</c>: the token is for another product.</exception>
    public async Task<EnrolResponse> EnrolAsync(
        InstallToken token, string product, string platform, CancellationToken cancellationToken)
    {
        var response = await Source.EnrolAsync(token, _key, platform, cancellationToken).ConfigureAwait(false);
        if (response.Product != product)
        {
            throw new ChunkOtaException(
                ErrorCodes.NotAllowed, $"the install token is for {OneLine.Of(response.Product)}, not for {product}");
        }
        Names.CheckChannel(response.Channel);
        BeDevice(response.DeviceId);
        return response;
    }

    /// <summary>Signs all calls from now on as an enrolled device.</summary>
    /// <param name="deviceId">Who the server says this device is.</param>
    public void BeDevice(string deviceId) => _authorization.DeviceId = deviceId;

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _key.Dispose();
    }
}
