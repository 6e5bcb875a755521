using System.Net;
using System.Net.Sockets;

namespace ChunkOta.Tests.Support;

/// <summary>A relay between a client and a server that holds the client's bytes back after a number of them.</summary>
internal sealed class HoldingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly long _holdAfterBytes;
    private readonly Task _accepting;
    private volatile int _targetPort;
    private long _bytes;

    public HoldingRelay(int targetPort, long holdAfterBytes)
    {
        _targetPort = targetPort;
        _holdAfterBytes = holdAfterBytes;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>The address that the client connects to.</summary>
    public Uri Address { get; }

    /// <summary>Completes when that number of bytes has passed and more are held back.</summary>
    public Task Held => _held.Task;

    /// <summary>Lets everything pass from now on, new connections to this port.</summary>
    public void Release(int targetPort)
    {
        _targetPort = targetPort;
        _released.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _targetPort, _ending.Token);
                // When one side closes, both are closed: a lost server is a lost connection.
                await Task.WhenAny(
                    PumpAsync(near.GetStream(), far.GetStream(), holds: true),
                    PumpAsync(far.GetStream(), near.GetStream(), holds: false));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The server is not there: the client finds its connection closed.
                return;
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool holds)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReadAsync(buffer, _ending.Token)) > 0;)
            {
                if (holds && Interlocked.Add(ref _bytes, read) > _holdAfterBytes && !_released.Task.IsCompleted)
                {
                    _held.TrySetResult();
                    await _released.Task.WaitAsync(_ending.Token);
                }

                await to.WriteAsync(buffer.AsMemory(0, read), _ending.Token);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is over, and so is its relay.
            return;
        }
    }
}
