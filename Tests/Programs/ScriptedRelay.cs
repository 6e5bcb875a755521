using System.Net;
using System.Net.Sockets;

namespace ChunkOta.Tests.Support;

/// <summary>The treatment of one connection: what happens to the bytes that the server sends on it.</summary>
internal sealed record RelayStep
{
    /// <summary>Passes everything.</summary>
    public static RelayStep Good { get; } = new();

    /// <summary>The connection is closed after this many bytes.</summary>
    public long? CloseAfter { get; init; }

    /// <summary>The connection is reset after this many bytes.</summary>
    public long? ResetAfter { get; init; }

    /// <summary>Nothing more passes after this many bytes, and the connection stays open.</summary>
    public long? StallAfter { get; init; }

    /// <summary>One bit of the byte at this offset is flipped.</summary>
    public long? FlipAt { get; init; }

    /// <summary>The rate; null for no limit.</summary>
    public int? BytesPerSecond { get; init; }
}

/// <summary>A TCP relay on loopback whose connections go as a script says: the first by its first step, and so on; all
/// that follow by its last.</summary>
internal sealed class ScriptedRelay : IAsyncDisposable
{
    private const int PiecesPerSecond = 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<RelayStep> _script;
    private readonly List<TcpClient> _open = [];
    private readonly int _targetPort;
    private readonly Task _accepting;
    private long _down;
    private int _connections;

    public ScriptedRelay(int targetPort, params IEnumerable<RelayStep> script)
    {
        _script = [.. script];
        _targetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address that clients connect to.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Bytes that passed to clients.</summary>
    public long Down => Interlocked.Read(ref _down);

    /// <summary>Connections that clients made.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Ends all connections, and treats later ones by a new script.</summary>
    public void Follow(params IEnumerable<RelayStep> script)
    {
        lock (_lock)
        {
            _script.Clear();
            _script.AddRange(script);
            foreach (var client in _open)
                client.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Follow(RelayStep.Good);
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        var step = Begin(near);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _targetPort, _stop.Token);
            using var done = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var (nearStream, farStream) = (near.GetStream(), far.GetStream());
            await Task.WhenAny(
                PassAsync(nearStream, farStream, done.Token), SendAsync(farStream, near, step, done.Token));
            await done.CancelAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException or InvalidOperationException)
        {
            // A broken connection is the purpose of this relay: both ends see it closed.
            return;
        }
        finally
        {
            lock (_lock)
                _open.Remove(near);
        }
    }

    private RelayStep Begin(TcpClient near)
    {
        lock (_lock)
        {
            var step = _script[Math.Min(_connections, _script.Count - 1)];
            _connections++;
            _open.Add(near);
            return step;
        }
    }

    private static async Task PassAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        try
        {
            await from.CopyToAsync(to, cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task SendAsync(NetworkStream from, TcpClient near, RelayStep step, CancellationToken cancellation)
    {
        var buffer = new byte[step.BytesPerSecond is { } rate ? Math.Max(1, rate / PiecesPerSecond) : 32 * 1024];
        long sent = 0;
        try
        {
            for (int length; (length = await from.ReadAsync(buffer, cancellation)) > 0; sent += length)
            {
                var end = step.CloseAfter ?? step.ResetAfter ?? step.StallAfter ?? long.MaxValue;
                var passed = (int)Math.Min(length, Math.Max(0, end - sent));
                if (step.FlipAt is { } at && at >= sent && at < sent + passed)
                    buffer[at - sent] ^= 0x10;
                await near.GetStream().WriteAsync(buffer.AsMemory(0, passed), cancellation);
                Interlocked.Add(ref _down, passed);
                if (passed < length)
                {
                    await EndAsync(near, step, cancellation);
                    return;
                }
                if (step.BytesPerSecond is not null)
                    await Task.Delay(TimeSpan.FromSeconds(1d / PiecesPerSecond * length / buffer.Length), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    private static async Task EndAsync(TcpClient near, RelayStep step, CancellationToken cancellation)
    {
        if (step.ResetAfter is not null)
            near.LingerState = new LingerOption(true, 0);
        if (step.StallAfter is not null)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }
}
