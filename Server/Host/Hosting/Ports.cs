using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ChunkOta.Server;

/// <summary>The ports: cleartext HTTP/2 for gRPC, cleartext HTTP/1.1, TLS with either by ALPN, and metrics.</summary>
/// <remarks>A cleartext port cannot negotiate, so each speaks one protocol. TLS negotiates, so one port speaks
/// both.</remarks>
internal sealed class Ports(ServerSettings settings, ServedCertificate? certificate)
{
    private ListenOptions? _grpc, _http, _tls, _metrics;

    /// <summary>The URL of cleartext gRPC, with the port that was bound; null when off.</summary>
    public string? GrpcUrl => UrlOf(_grpc, "http");

    /// <summary>The URL of cleartext HTTP/1.1; null when off.</summary>
    public string? HttpUrl => UrlOf(_http, "http");

    /// <summary>The URL of TLS; null when off.</summary>
    public string? TlsUrl => UrlOf(_tls, "https");

    /// <summary>The URL of the metrics' port; null when off.</summary>
    public string? MetricsUrl => UrlOf(_metrics, "http");

    /// <summary>The URL that <c>ota-admin</c> on this machine can use; a certificate from an authority is for its own
    /// name only.</summary>
    public string ClientUrl => (TlsUrl, certificate) switch
    {
        _ when settings.Listen.PublicNames is [var name, ..] => $"https://{name}",
        (null, _) or (_, null) => GrpcUrl!,
        ({ } url, { Current: { IsSelfSigned: false, FirstName: { } name } }) => $"https://{name}:{new Uri(url).Port}",
        ({ } url, _) => url,
    };

    /// <summary>Clients see the certificate of a proxy instead of this server's.</summary>
    public bool IsBehindProxy => settings.Listen.PublicNames.Count > 0;

    /// <summary>Binds a port.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it cannot be bound; the message names the
    /// setting.</exception>
    public Socket Bind(EndPoint endPoint)
    {
        try
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            // Connections inherit these: the kernel ends one whose peer has not answered for a minute and a half.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            return socket;
        }
        catch (SocketException failure)
        {
            var reason = failure.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    "another program listens there: stop it, or choose another port (ss -ltnp shows which it is)",
                SocketError.AccessDenied =>
                    "this user has no right to ports below 1024: choose a higher port, or give the program the "
                        + "capability CAP_NET_BIND_SERVICE",
                SocketError.AddressNotAvailable =>
                    "this machine does not have the address: choose one that ip address shows, or 0.0.0.0 for all",
                _ => $"{failure.Message}: choose another address",
            };
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"cannot listen on {endPoint} ({KeyOf(endPoint)}): {reason}", failure);
        }
    }

    /// <summary>Configures the addresses and limits of Kestrel.</summary>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxConcurrentConnections = settings.Limits.Connections;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 100;
        // The kernel finds most dead peers; a ping wakes a device that only listens.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromMinutes(15);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(30);

        if (ListenAddress.Parse(settings.Listen.Grpc) is { IsOff: false } grpc)
            kestrel.Listen(grpc.EndPoint, ConfigureGrpc);
        if (ListenAddress.Parse(settings.Listen.Http) is { IsOff: false } http)
            kestrel.Listen(http.EndPoint, ConfigureHttp);
        if (certificate is not null && ListenAddress.Parse(settings.Listen.Tls) is { IsOff: false } tls)
            kestrel.Listen(tls.EndPoint, ConfigureTls);
        if (ListenAddress.Parse(settings.Listen.Metrics) is { IsOff: false } metrics)
            kestrel.Listen(metrics.EndPoint, ConfigureMetrics);
    }

    private TimeSpan HeadersTimeout => TimeSpan.FromSeconds(settings.Limits.HeadersTimeoutSeconds);

    private void ConfigureGrpc(ListenOptions options)
    {
        _grpc = options;
        options.Protocols = HttpProtocols.Http2;
        PrefaceDeadline.AddStop(options);
        PrefaceDeadline.Add(options, HeadersTimeout);
    }

    private void ConfigureHttp(ListenOptions options)
    {
        _http = options;
        options.Protocols = HttpProtocols.Http1;
        DirectOutput.Add(options, sendsFiles: true);
    }

    private void ConfigureTls(ListenOptions options)
    {
        _tls = options;
        options.Protocols = HttpProtocols.Http1AndHttp2;
        PrefaceDeadline.AddStop(options);
        DirectOutput.Add(options, sendsFiles: false);
        options.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(certificate!.Options),
            HandshakeTimeout = HeadersTimeout,
        });
        PrefaceDeadline.Add(options, HeadersTimeout);
    }

    private void ConfigureMetrics(ListenOptions options)
    {
        _metrics = options;
        options.Protocols = HttpProtocols.Http1;
        MetricsPort.Add(options);
    }

    private string KeyOf(EndPoint endPoint) => ListenSettings.KeyOf(
        endPoint.Equals(_grpc?.EndPoint) ? nameof(ListenSettings.Grpc)
        : endPoint.Equals(_http?.EndPoint) ? nameof(ListenSettings.Http)
        : endPoint.Equals(_metrics?.EndPoint) ? nameof(ListenSettings.Metrics)
        : nameof(ListenSettings.Tls));

    private static string? UrlOf(ListenOptions? options, string scheme)
    {
        if (options?.IPEndPoint is not { } end) return null;
        var address = end.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : end.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : end.Address;
        return $"{scheme}://{new IPEndPoint(address, end.Port)}";
    }
}
