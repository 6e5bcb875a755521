using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ChunkOta.Tests.Support;

/// <summary>A TCP relay on loopback whose connections go as a script says: the first by its first step, and so on; all
/// that follow by its last.</summary>
internal sealed class ScriptedRelay : IAsyncDisposable
{
    private const int PiecesPerSecond = 20;

    private static readonly byte[] Unavailable = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
        + "Connection: close\r\n\r\nbusy\n");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<RelayStep> _script;
    private readonly List<TcpClient> _open = [];
    private readonly Task _accepting;
    private long _down;
    private int _connections;

    public ScriptedRelay(int targetPort, params IEnumerable<RelayStep> script)
    {
        _script = [.. script];
        TargetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The loopback port that connections go to.</summary>
    public int TargetPort { get; set; }

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
            if (step.IsUnavailable)
            {
                await RefuseAsync(near);
                return;
            }
            await far.ConnectAsync(IPAddress.Loopback, TargetPort, _stop.Token);
            using var done = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var answers = new MixedUpAnswers(step.MixesUpRequest);
            await Task.WhenAny(
                PassAsync(near.GetStream(), far.GetStream(), answers, done.Token),
                SendAsync(far.GetStream(), near, step, answers, done.Token));
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

    private async Task RefuseAsync(TcpClient near)
    {
        var buffer = new byte[4096];
        var stream = near.GetStream();
        if (await stream.ReadAsync(buffer, _stop.Token) == 0)
            return;
        await stream.WriteAsync(Unavailable, _stop.Token);
        near.Client.Shutdown(SocketShutdown.Send);
        // Closed with bytes unread, the connection would be reset and the answer lost.
        while (await stream.ReadAsync(buffer, _stop.Token) > 0)
            continue;
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

    private async Task PassAsync(
        NetworkStream from, NetworkStream to, MixedUpAnswers answers, CancellationToken cancellation)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int length; (length = await from.ReadAsync(buffer, cancellation)) > 0;)
            {
                if (answers.See(buffer.AsSpan(0, length)) is { } instead)
                    await from.WriteAsync(instead, cancellation);
                else
                    await to.WriteAsync(buffer.AsMemory(0, length), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task SendAsync(
        NetworkStream from, TcpClient near, RelayStep step, MixedUpAnswers answers, CancellationToken cancellation)
    {
        var buffer = new byte[step.BytesPerSecond is { } rate ? Math.Max(1, rate / PiecesPerSecond) : 32 * 1024];
        long sent = 0;
        try
        {
            for (int length; (length = await from.ReadAsync(buffer, cancellation)) > 0; sent += length)
            {
                answers.SeeAnswer(buffer.AsSpan(0, length));
                var passed = (int)Math.Min(length, Math.Max(0, step.End - sent));
                step.Change(buffer.AsSpan(0, passed), sent);
                for (var times = step.Repeats(buffer.AsSpan(0, passed), sent) ? 2 : 1; times > 0; times--)
                {
                    await near.GetStream().WriteAsync(buffer.AsMemory(0, passed), cancellation);
                    Interlocked.Add(ref _down, passed);
                }
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
        if (step.HalfCloseAfter is not null)
            near.Client.Shutdown(SocketShutdown.Send);
        if (step.StallAfter is not null || step.HalfCloseAfter is not null)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }
}
