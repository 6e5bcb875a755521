using System.Net;
using System.Net.Sockets;

namespace ChunkOta.Tests.Protos.Client;

/// <summary>Passes one connection's bytes on and counts them: the independent witness of a meter.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<(long Up, long Down)> _relaying;

    public CountingRelay(int targetPort)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _relaying = RelayAsync(targetPort);
    }

    public int Port { get; }

    /// <summary>Waits for both sides to be done and says what passed.</summary>
    public Task<(long Up, long Down)> FinishAsync() => _relaying;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await ((Task)_relaying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<(long Up, long Down)> RelayAsync(int targetPort)
    {
        using var near = await _listener.AcceptTcpClientAsync();
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, targetPort);
        // Taken once: a client asked again for its stream refuses when the other side has hung up meanwhile.
        var (nearStream, farStream) = (near.GetStream(), far.GetStream());
        var up = PumpAsync(nearStream, farStream);
        var down = PumpAsync(farStream, nearStream);
        return (await up, await down);
    }

    private static async Task<long> PumpAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        try
        {
            for (int read; (read = await from.ReadAsync(buffer)) > 0;)
            {
                total += read;
                await to.WriteAsync(buffer.AsMemory(0, read));
            }

            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The other side hung up first: what passed until then is what counts.
            return total;
        }

        return total;
    }
}
