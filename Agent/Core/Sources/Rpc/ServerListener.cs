using System.Runtime.CompilerServices;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>A connection by which a server tells this device that a channel of a product has moved.</summary>
/// <remarks>It carries nothing for hours, and nothing in this process is woken to keep it.</remarks>
internal sealed class ServerListener : IDisposable
{
    /// <summary>The longest time that a server can make a device wait.</summary>
    private const uint MaxDelayMilliseconds = 600_000;

    /// <summary>The time in which the server must say that it listens; then it may be silent for hours.</summary>
    private static readonly TimeSpan BeginLimit = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock;
    private readonly SigningKey _key;
    private readonly DeviceAuthorization _authorization;
    private readonly ServerConnection _connection;
    private readonly Devices.DevicesClient _devices;

    /// <summary>Prepares a connection; nothing is sent before the call.</summary>
    /// <param name="address">The server.</param>
    /// <param name="trust">Decides which certificates are accepted.</param>
    /// <param name="key">The device's key; from now on this object's to dispose of.</param>
    /// <param name="deviceId">The id that the server gave this device.</param>
    /// <param name="clock">Dates signatures, and limits the wait for the server's first message.</param>
    public ServerListener(
        ServerAddress address, ServerTrust trust, SigningKey key, string deviceId, TimeProvider clock)
    {
        (_key, _clock) = (key, clock);
        _authorization = new DeviceAuthorization(key, clock) { DeviceId = deviceId };
        _connection = ServerConnection.Open(address, trust, new WireMeter(), _authorization, isQuiet: true);
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
        using var call = await BeginAsync(product, cancellationToken).ConfigureAwait(false);
        if (call is null)
            yield break;
        do
        {
            yield return TimeSpan.FromMilliseconds(
                Math.Min(call.ResponseStream.Current.DelayMilliseconds, MaxDelayMilliseconds));
        }
        while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Begins to listen, by the server's clock if this device's is wrong.</summary>
    /// <returns>The call, whose first message has come; null when there is none.</returns>
    private async Task<AsyncServerStreamingCall<WatchChannelsResponse>?> BeginAsync(
        string product, CancellationToken cancellationToken)
    {
        try
        {
            return await BeginOnceAsync(product, cancellationToken).ConfigureAwait(false);
        }
        catch (ClockSkewException e) when (_authorization.Follow(e))
        {
            return await BeginOnceAsync(product, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<AsyncServerStreamingCall<WatchChannelsResponse>?> BeginOnceAsync(
        string product, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(BeginLimit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var call = _devices.WatchChannels(
            new WatchChannelsRequest { Product = product }, cancellationToken: cancellationToken);
        var hasBegun = false;
        try
        {
            hasBegun = await call.ResponseStream.MoveNext(either.Token).ConfigureAwait(false);
            return hasBegun ? call : null;
        }
        finally
        {
            if (!hasBegun)
                call.Dispose();
        }
    }

    /// <summary>Ends the call and closes the connection.</summary>
    public void Dispose()
    {
        _connection.Dispose();
        _key.Dispose();
    }
}
