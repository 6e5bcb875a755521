using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ChunkOta.Tests.Support;

/// <summary>A proxy in front of an S3 service that treats each request as its test says.</summary>
/// <remarks>It changes no header that is signed, and serves one request a connection.</remarks>
internal sealed class FaultyS3(int targetPort, Func<S3Request, S3Fault> faultOf) : LoopbackListener
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();

    /// <summary>A request that arrives late does so after its client has tried again.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<string, byte[]> _lists = new();
    private readonly ConcurrentQueue<S3Request> _requests = new();
    private int _count;
    private int _serving;

    /// <summary>The address of the service for clients.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    /// <summary>All requests so far.</summary>
    public IReadOnlyCollection<S3Request> Requests => _requests;

    /// <summary>The requests that are under way.</summary>
    public int Serving => Volatile.Read(ref _serving);

    protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        Interlocked.Increment(ref _serving);
        try
        {
            await PassOnAsync(client, stop);
        }
        finally
        {
            Interlocked.Decrement(ref _serving);
        }
    }

    private async Task PassOnAsync(TcpClient client, CancellationToken stop)
    {
        var near = client.GetStream();
        var (head, begun) = await ReadHeadAsync(near, stop);
        if (head.Length == 0) return;
        var words = head[..head.IndexOf('\r', StringComparison.Ordinal)].Split(' ');
        var request = new S3Request(Interlocked.Increment(ref _count), words[0], words[1]);
        _requests.Enqueue(request);
        var fault = faultOf(request);
        if (fault == S3Fault.Refused)
        {
            client.LingerState = new LingerOption(true, 0);
            return;
        }

        var content = await ReadContentAsync(near, head, begun, stop);
        if (fault == S3Fault.FlippedBit && content.Length > 0) content[content.Length / 2] ^= 1;
        if (fault == S3Fault.Late)
        {
            client.Close();
            await Task.Delay(Lateness, stop);
        }

        var answer = fault switch
        {
            S3Fault.SlowDown => SlowDown(),
            S3Fault.OldAnswer when _lists.TryGetValue(request.Target, out var old) => old,
            _ => await SendAsync(head, content, fault == S3Fault.CutRequest, stop),
        };
        if (fault == S3Fault.Late) return;
        if (fault == S3Fault.Twice) answer = await SendAsync(head, content, isCut: false, stop);
        if (request.IsList && fault is (S3Fault.None or S3Fault.OldAnswer)) _lists[request.Target] = answer;
        if (fault is S3Fault.LostAnswer or S3Fault.CutRequest) return;
        await near.WriteAsync(fault == S3Fault.CutAnswer ? answer.AsMemory(0, CutOf(answer)) : answer, stop);
    }

    /// <summary>Reads to the end of the head, and perhaps beyond it.</summary>
    private static async Task<(string Head, byte[] Begun)> ReadHeadAsync(NetworkStream near, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        for (var length = 0; ;)
        {
            var read = await near.ReadAsync(buffer.AsMemory(length), stop);
            if (read == 0) return ("", []);
            length += read;
            var end = buffer.AsSpan(0, length).IndexOf(EndOfHead);
            if (end >= 0)
            {
                end += EndOfHead.Length;
                return (Encoding.ASCII.GetString(buffer, 0, end), buffer[end..length]);
            }
        }
    }

    private static async Task<byte[]> ReadContentAsync(
        NetworkStream near, string head, byte[] begun, CancellationToken stop)
    {
        if (HeaderOf(head, "Expect") is not null)
            await near.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), stop);
        var content = new byte[int.Parse(HeaderOf(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture)];
        begun.CopyTo(content, 0);
        await near.ReadExactlyAsync(content.AsMemory(begun.Length), stop);
        return content;
    }

    private async Task<byte[]> SendAsync(string head, byte[] content, bool isCut, CancellationToken stop)
    {
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, targetPort, stop);
        var stream = far.GetStream();
        var lines = head[..^EndOfHead.Length].Split("\r\n").Where(line =>
            !line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase)
            && !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(string.Join("\r\n", lines) + "\r\nConnection: close\r\n\r\n"), stop);
        await stream.WriteAsync(content.AsMemory(0, isCut ? content.Length / 2 : content.Length), stop);
        if (isCut) return [];
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, stop);
        return answer.ToArray();
    }

    /// <summary>Half of the content, or of the head when there is none.</summary>
    private static int CutOf(byte[] answer)
    {
        var head = answer.AsSpan().IndexOf(EndOfHead) + EndOfHead.Length;
        return head == answer.Length ? head / 2 : head + ((answer.Length - head) / 2);
    }

    private static string? HeaderOf(string head, string name) =>
        (from line in head.Split("\r\n")
         where line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)
         select line[(name.Length + 1)..].Trim()).FirstOrDefault();

    private static byte[] SlowDown()
    {
        const string Content = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>SlowDown</Code>"
            + "<Message>Please reduce your request rate.</Message></Error>";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: {Content.Length}\r\n"
            + $"Connection: close\r\n\r\n{Content}"));
    }
}
