using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ChunkOta.Server;

/// <summary>The three ports: cleartext HTTP/2 for gRPC, cleartext HTTP/1.1, and TLS with either by ALPN.</summary>
/// <remarks>A cleartext port cannot negotiate, so each speaks one protocol. TLS negotiates, so one port speaks
/// both.</remarks>
internal sealed class Ports(ServerSettings settings, ServerCertificate? certificate)
{
    private ListenOptions? _grpc, _http, _tls;

    /// <summary>The URL of cleartext gRPC, with the port that was bound; null when off.</summary>
    public string? GrpcUrl => UrlOf(_grpc, "http");

    /// <summary>The URL of cleartext HTTP/1.1; null when off.</summary>
    public string? HttpUrl => UrlOf(_http, "http");

    /// <summary>The URL of TLS; null when off.</summary>
    public string? TlsUrl => UrlOf(_tls, "https");

    /// <summary>Configures the addresses and limits of Kestrel.</summary>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxConcurrentConnections = settings.Limits.Connections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(settings.Limits.HeadersTimeoutSeconds);
        kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 100;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(30);

        if (ListenAddress.Parse(settings.Listen.Grpc) is { IsOff: false } grpc)
            kestrel.Listen(grpc.EndPoint, options => (_grpc = options).Protocols = HttpProtocols.Http2);
        if (ListenAddress.Parse(settings.Listen.Http) is { IsOff: false } http)
            kestrel.Listen(http.EndPoint, options => (_http = options).Protocols = HttpProtocols.Http1);
        if (certificate is not null && ListenAddress.Parse(settings.Listen.Tls) is { IsOff: false } tls)
            kestrel.Listen(tls.EndPoint, ConfigureTls);
    }

    private void ConfigureTls(ListenOptions options)
    {
        _tls = options;
        options.Protocols = HttpProtocols.Http1AndHttp2;
        options.UseHttps(https =>
        {
            https.ServerCertificate = certificate!.Leaf;
            https.ServerCertificateChain = certificate.Chain;
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.HandshakeTimeout = TimeSpan.FromSeconds(settings.Limits.HeadersTimeoutSeconds);
        });
    }

    private static string? UrlOf(ListenOptions? options, string scheme)
    {
        if (options?.IPEndPoint is not { } end) return null;
        var address = end.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : end.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : end.Address;
        return $"{scheme}://{new IPEndPoint(address, end.Port)}";
    }
}
