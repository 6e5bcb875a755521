using System.Net;
using System.Net.Sockets;

namespace ChunkOta.Tests.Support;

/// <summary>A TCP proxy on loopback that counts what passes and can cut the line after a number of bytes.</summary>
/// <remarks>It keeps its port while the server behind it stops and starts again on another one.</remarks>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private long _passed;
    private long _cutAfter = long.MaxValue;
    private long _flipIn = long.MaxValue;
    private int _calls;
    private Func<Task> _onCut = () => Task.CompletedTask;

    public CuttingProxy(int targetPort)
    {
        TargetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The loopback port that connections go to.</summary>
    public int TargetPort { get; set; }

    /// <summary>The loopback address that they go to.</summary>
    public IPAddress Target { get; init; } = IPAddress.Loopback;

    /// <summary>The loopback port that clients connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes that passed, both ways.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>Calls that clients made: streams that they opened, in connections without TLS.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Called with the number of each call before the server receives it.</summary>
    public Action<int>? CallSeen { get; set; }

    /// <summary>Changes one byte of what the server sends, after this many more of it.</summary>
    public void FlipAfter(long bytes) => Interlocked.Exchange(ref _flipIn, bytes);

    /// <summary>
    /// Passes this many more bytes, then runs <paramref name="onCut"/> and passes nothing more.
    /// </summary>
    public void CutAfter(long bytes, Func<Task> onCut)
    {
        _onCut = onCut;
        Interlocked.Exchange(ref _cutAfter, Passed + bytes);
    }

    /// <summary>Passes everything again.</summary>
    public void Mend() => Interlocked.Exchange(ref _cutAfter, long.MaxValue);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
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
        try
        {
            if (Passed >= Interlocked.Read(ref _cutAfter)) return;
            await far.ConnectAsync(Target, TargetPort, _stop.Token);
            using var done = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(
                PumpAsync(near.GetStream(), far.GetStream(), CountCalls(), done.Token),
                PumpAsync(far.GetStream(), near.GetStream(), Flip, done.Token));
            await done.CancelAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // A broken connection is the purpose of this proxy: both ends see it closed.
            return;
        }
    }

    private Action<Memory<byte>> CountCalls()
    {
        var frames = new Http2Frames();
        return bytes =>
        {
            for (var opened = frames.CountHeaders(bytes.Span); opened > 0; opened--)
            {
                var call = Interlocked.Increment(ref _calls);
                CallSeen?.Invoke(call);
            }
        };
    }

    private void Flip(Memory<byte> bytes)
    {
        var left = Interlocked.Add(ref _flipIn, -bytes.Length) + bytes.Length;
        if (left >= 0 && left < bytes.Length)
            bytes.Span[(int)left] ^= 0x10;
    }

    private async Task PumpAsync(
        NetworkStream from, NetworkStream to, Action<Memory<byte>> see, CancellationToken cancellation)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int length; (length = await from.ReadAsync(buffer, cancellation)) > 0;)
            {
                var passed = Interlocked.Add(ref _passed, length);
                var cutAfter = Interlocked.Read(ref _cutAfter);
                if (passed >= cutAfter)
                {
                    var last = (int)Math.Clamp(cutAfter - (passed - length), 0, length);
                    await to.WriteAsync(buffer.AsMemory(0, last), cancellation);
                    await _onCut();
                    return;
                }
                see(buffer.AsMemory(0, length));
                await to.WriteAsync(buffer.AsMemory(0, length), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return;
        }
    }
}
