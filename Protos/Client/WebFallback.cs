using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;

namespace ChunkOta.Client;

/// <summary>Makes calls by HTTP/2 and, once that turned out not to pass, by gRPC-Web over HTTP/1.1: proxies that
/// inspect TLS often speak nothing newer. Thread-safe.</summary>
/// <param name="direct">The channel of HTTP/2.</param>
/// <param name="openWeb">Opens the channel of gRPC-Web.</param>
internal sealed class WebFallback(GrpcChannel direct, Func<GrpcChannel> openWeb) : CallInvoker, IDisposable
{
    /// <summary>The error by which a server of HTTP/1.1 answers HTTP/2.</summary>
    private const long Http11Required = 0xd;

    private readonly CallInvoker _direct = direct.CreateCallInvoker();
    private readonly Lazy<GrpcChannel> _web = new(openWeb);
    private volatile CallInvoker? _chosen;

    private CallInvoker Chosen => _chosen ?? _direct;

    /// <summary>True when gRPC-Web is used.</summary>
    public bool IsUsed => _chosen is not null;

    /// <summary>Uses gRPC-Web from the next call on.</summary>
    public void Use() => _chosen ??= _web.Value.CreateCallInvoker();

    /// <summary>Wraps the sockets of a channel of gRPC-Web.</summary>
    public static HttpMessageHandler Wrap(HttpMessageHandler sockets) =>
        new GrpcWebHandler(GrpcWebMode.GrpcWeb, sockets);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Chosen.BlockingUnaryCall(method, host, options, request);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Chosen.AsyncUnaryCall(method, host, options, request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Chosen.AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Chosen.AsyncClientStreamingCall(method, host, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Chosen.AsyncDuplexStreamingCall(method, host, options);

    public void Dispose()
    {
        direct.Dispose();
        if (_web.IsValueCreated)
            _web.Value.Dispose();
    }

    /// <summary>Tells whether a failure means that HTTP/2 does not pass.</summary>
    public static bool IsAboutHttp2(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError }
                or HttpProtocolException { ErrorCode: Http11Required })
                return true;
        }
        return false;
    }
}
