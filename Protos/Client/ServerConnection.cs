using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace ChunkOta.Client;

/// <summary>
/// A connection to one server, as both the agent and ota-admin make it: one way to connect, trust and count.
/// </summary>
/// <remarks>
/// It connects at the first call and again after a loss. Calls made through <see cref="Invoker"/> fail with
/// <see cref="ChunkOtaException"/> (the server's stable code, <c>SERVER_UNAVAILABLE</c> or <c>TLS_REFUSED</c>) and
/// never with gRPC's own exception; a cancelled call throws <see cref="OperationCanceledException"/>. Each call has a
/// deadline:
/// its own, or
/// <see cref="UnaryDeadline"/>, or for a stream <see cref="StreamDeadline"/>. Redirects are not followed. Thread-safe.
/// </remarks>
public sealed class ServerConnection : IDisposable
{
    /// <summary>The deadline of a call with one message each way.</summary>
    public static readonly TimeSpan UnaryDeadline = TimeSpan.FromSeconds(100);

    /// <summary>The deadline of a whole stream. Pings detect a lost peer within a minute.</summary>
    public static readonly TimeSpan StreamDeadline = TimeSpan.FromHours(12);

    /// <summary>The largest message taken or sent, bytes: 1 MiB of content plus its envelope.</summary>
    public const int MaxMessageBytes = (1024 + 64) * 1024;

    private readonly IDisposable _channel;
    private readonly OpenSockets _sockets;
    private readonly TlsRefusal _refusal;

    private ServerConnection(
        IDisposable channel, OpenSockets open, CallInvoker invoker, ServerAddress address, TlsRefusal refusal)
    {
        _channel = channel;
        _sockets = open;
        _refusal = refusal;
        Invoker = invoker;
        Address = address;
    }

    /// <summary>
    /// The invoker that clients are made with: <c>new Releases.ReleasesClient(connection.Invoker)</c>.
    /// </summary>
    public CallInvoker Invoker { get; }

    /// <summary>The server's address.</summary>
    public ServerAddress Address { get; }

    /// <summary>When the certificate that the server showed last expires; null without TLS, or before the first
    /// call.</summary>
    public DateTimeOffset? CertificateExpires => _refusal.CertificateExpires;

    /// <summary>Prepares a connection; nothing is sent before the first call.</summary>
    /// <param name="address">Where the server answers.</param>
    /// <param name="trust">Which certificates are trusted; not consulted without TLS.</param>
    /// <param name="meter">Counts the bytes of all its sockets.</param>
    /// <param name="authorization">Who calls.</param>
    /// <param name="observer">Is told of each call; null for nobody.</param>
    /// <param name="fallsBackToWeb">True to use gRPC-Web over HTTP/1.1 once HTTP/2 turned out not to pass: the call
    /// that finds it out fails with <c>SERVER_UNAVAILABLE</c>, those after it pass. Only calls with one request message
    /// do.</param>
    /// <param name="isQuiet">True for a connection that waits for hours: the kernel finds out whether the server is
    /// still there, within six minutes, and the process is not woken for it.</param>
    public static ServerConnection Open(
        ServerAddress address, ServerTrust trust, WireMeter meter, ICallAuthorization authorization,
        CallObserver? observer = null, bool fallsBackToWeb = false, bool isQuiet = false)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(meter);
        var refusal = new TlsRefusal();
        var open = new OpenSockets();
        var direct = OpenChannel(address, authorization, OpenHandler(address, trust, refusal, meter, open, isQuiet));
        if (!fallsBackToWeb)
        {
            return new ServerConnection(
                direct, open, new FaithfulInvoker(
                    direct.CreateCallInvoker(), new CallFailures(address, refusal), address, observer), address,
                refusal);
        }
        var fallback = new WebFallback(direct, () => OpenChannel(
            address, authorization, WebFallback.Wrap(OpenHandler(address, trust, refusal, meter, open, isQuiet)),
            isWeb: true));
        return new ServerConnection(
            fallback, open, new FaithfulInvoker(
                fallback, new CallFailures(address, refusal, fallback), address, observer), address, refusal);
    }

    private static SocketsHttpHandler OpenHandler(
        ServerAddress address, ServerTrust trust, TlsRefusal refusal, WireMeter meter, OpenSockets open,
        bool isQuiet) =>
        new()
        {
            ConnectCallback = (context, cancellationToken) =>
                ConnectAsync(context, meter, open, isQuiet, cancellationToken),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                {
                    refusal.See(certificate as X509Certificate2);
                    return refusal.Note(trust.Judge(certificate as X509Certificate2, chain, errors));
                },
            },
            // A proxy can carry TLS to a far server; it can do nothing for HTTP/2 in the clear or for this machine.
            UseProxy = address.UsesTls && !address.IsLoopback,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            // Without a limit the pool looks every 30 seconds for connections that were closed.
            PooledConnectionIdleTimeout = isQuiet ? TimeSpan.FromDays(1) : Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = isQuiet ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(20),
            // Several connections that share a limit have a few windows before the answer to a ping.
            KeepAlivePingTimeout = TimeSpan.FromSeconds(meter.DownLimit is null ? 20 : 60),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = meter.DownLimit?.WindowBytes ?? 1024 * 1024,
        };

    private static GrpcChannel OpenChannel(
        ServerAddress address, ICallAuthorization authorization, HttpMessageHandler handler, bool isWeb = false) =>
        GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions
        {
            HttpHandler = new AuthorizingHandler(authorization, handler, needsHttp2: !isWeb),
            HttpVersion = isWeb ? HttpVersion.Version11 : HttpVersion.Version20,
            // TLS offers HTTP/1.1 as well: some proxies end a handshake that offers them nothing they speak.
            HttpVersionPolicy = isWeb || !address.UsesTls
                ? HttpVersionPolicy.RequestVersionExact
                : HttpVersionPolicy.RequestVersionOrLower,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            // Frames are compressed already, and compressing secrets beside other bytes leaks them.
            CompressionProviders = [],
        });

    /// <summary>Closes its sockets: calls that are in progress fail, and the next call makes a new connection. For a
    /// connection that nothing comes through any more, which may last for minutes unnoticed.</summary>
    public void CloseSockets() => _sockets.Close();

    /// <summary>Ends its calls and closes its sockets.</summary>
    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        WireMeter meter,
        OpenSockets open,
        bool isQuiet,
        CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (isQuiet)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 240);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 30);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            var stream = new MeteredStream(new NetworkStream(socket, ownsSocket: true), meter, open);
            open.Add(stream);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
