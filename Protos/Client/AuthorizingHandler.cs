using System.Net;

namespace ChunkOta.Client;

/// <summary>Puts the caller's authorisation on each request as it goes out, a retried one included, and takes off what
/// the server has no use for.</summary>
/// <remarks>Headers are sent as text with every call: these two are a quarter of what a small call sends.</remarks>
/// <param name="authorization">Who calls.</param>
/// <param name="inner">Sends.</param>
/// <param name="needsHttp2">True when an answer by HTTP/1.1 is a failure.</param>
internal sealed class AuthorizingHandler(
    ICallAuthorization authorization, HttpMessageHandler inner, bool needsHttp2) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("A call without an address.");
        if (authorization.HeaderFor(uri.AbsolutePath, ServerAddress.AuthorityOf(uri)) is var (name, value))
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.Remove("user-agent");
        request.Headers.Remove("grpc-accept-encoding");
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (BusyProxies.Find(response, TimeProvider.System.GetUtcNow()) is { } busy)
        {
            response.Dispose();
            throw busy;
        }

        if (!needsHttp2 || response.Version >= HttpVersion.Version20)
            return response;
        response.Dispose();
        throw new HttpRequestException(
            HttpRequestError.VersionNegotiationError, $"the answer came by HTTP/{response.Version}");
    }
}
