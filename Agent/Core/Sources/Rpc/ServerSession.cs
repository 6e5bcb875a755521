using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>A connection to one server on behalf of this device.</summary>
internal sealed class ServerSession : IDisposable
{
    private readonly SigningKey _key;
    private readonly ServerConnection _connection;
    private readonly DeviceAuthorization _authorization;
    private readonly RpcUpdateService _service;

    /// <summary>Prepares a connection; nothing is sent before the first call.</summary>
    /// <param name="address">The server.</param>
    /// <param name="trust">Decides which certificates are accepted.</param>
    /// <param name="key">The device's key; from now on this object's to dispose of.</param>
    /// <param name="clock">Dates signatures and measures rates.</param>
    /// <param name="pace">The bounds of what the server sends.</param>
    /// <param name="observer">Is told of each call; null for nobody.</param>
    public ServerSession(
        ServerAddress address,
        ServerTrust trust,
        SigningKey key,
        TimeProvider clock,
        SessionPace pace,
        CallObserver? observer = null)
    {
        _key = key;
        Meter = new WireMeter { DownLimit = pace.Most };
        _authorization = new DeviceAuthorization(key, clock);
        _connection = ServerConnection.Open(address, trust, Meter, _authorization, observer, fallsBackToWeb: true);
        var watch = new StallWatch(Meter, pace.Least, clock, _connection.CloseSockets);
        _service = new RpcUpdateService(_connection, _authorization, watch, clock);
        Releases = new RpcReleaseSource(_connection, _authorization, watch);
    }

    /// <summary>Counts the bytes of the connection.</summary>
    public WireMeter Meter { get; }

    /// <summary>When the server's certificate expires; null without TLS, or before the first call.</summary>
    public DateTimeOffset? CertificateExpires => _connection.CertificateExpires;

    /// <summary>The server as a source of releases.</summary>
    public IReleaseSource Releases { get; }

    /// <summary>The server as it is asked and told.</summary>
    public IUpdateService Updates => _service;

    /// <summary>The time after which the server asked to check again, seconds; 0 when it has not.</summary>
    public int NextPollSeconds => _service.NextPollSeconds;

    /// <summary>Trades an install token for a device id; calls are signed as that device from then on.</summary>
    /// <param name="token">The token.</param>
    /// <param name="product">The product that the token must be for.</param>
    /// <param name="platform">The platform.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_ALLOWED</c>: the token is for another product.</exception>
    public async Task<EnrolResponse> EnrolAsync(
        InstallToken token, string product, string platform, CancellationToken cancellationToken)
    {
        var response = await _service.EnrolAsync(token, _key, platform, cancellationToken).ConfigureAwait(false);
        if (response.Product != product)
        {
            throw new ChunkOtaException(
                ErrorCodes.NotAllowed, $"the install token is for {OneLine.Of(response.Product)}, not for {product}");
        }
        Names.CheckChannel(response.Channel);
        SignAs(response.DeviceId);
        return response;
    }

    /// <summary>Signs all calls from now on as an enrolled device.</summary>
    /// <param name="deviceId">The id that the server gave this device.</param>
    public void SignAs(string deviceId) => _authorization.DeviceId = deviceId;

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _key.Dispose();
    }
}

/// <summary>The bounds of what a server sends.</summary>
/// <param name="Least">The least that it must send.</param>
/// <param name="Most">The most that is downloaded; null for no limit.</param>
internal readonly record struct SessionPace(MinimumRate Least, DownloadLimit? Most);
