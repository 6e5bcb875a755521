using System.Net.Sockets;
using System.Text;

namespace ChunkOta.Tests.Support;

/// <summary>A server that is not ours: it says nothing, or answers every request of HTTP/1.1 with the same bytes and
/// then with a piece again and again.</summary>
internal sealed class FalseServer : LoopbackListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The frames SETTINGS and GOAWAY, this one with the error HTTP_1_1_REQUIRED.</summary>
    private static readonly byte[] RefusalOfHttp2 =
        [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];

    private readonly byte[]? _answer;
    private readonly byte[]? _endless;

    private FalseServer(string? answer, string? endless = null)
    {
        _answer = answer is null ? null : Encoding.ASCII.GetBytes(answer);
        _endless = endless is null ? null : Encoding.ASCII.GetBytes(endless);
    }

    /// <summary>Accepts connections and never says anything.</summary>
    public static FalseServer Silent() => new(null);

    /// <summary>Answers every request with a page, as a captive portal does.</summary>
    public static FalseServer Portal() => new(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<h1>Hi</h1>\n");

    /// <summary>Sends headers that have no end.</summary>
    public static FalseServer EndlessHeaders() => new("HTTP/1.1 200 OK\r\n", "X: 1\r\n");

    /// <summary>Sends messages of gRPC-Web that hold nothing and have no end.</summary>
    public static FalseServer EndlessMessages() => new(
        "HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web\r\nTransfer-Encoding: chunked\r\n\r\n",
        "5\r\n\0\0\0\0\0\r\n");

    protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        var stream = client.GetStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, stop) is > 0 and var length)
        {
            if (_answer is null)
                continue;
            // A server of HTTP/1.1 refuses the preface of HTTP/2 by the frame that asks for HTTP/1.1.
            if (buffer.AsSpan(0, length).StartsWith("PRI "u8))
            {
                await stream.WriteAsync(RefusalOfHttp2, stop);
                client.Client.Shutdown(SocketShutdown.Send);
                // Closed with bytes unread, the connection would be reset and the refusal lost.
                while (await stream.ReadAsync(buffer, stop) > 0)
                    continue;
                return;
            }
            await stream.WriteAsync(_answer, stop);
            while (_endless is not null)
            {
                await stream.WriteAsync(_endless, stop);
                await Task.Delay(Pause, stop);
            }
        }
    }
}
