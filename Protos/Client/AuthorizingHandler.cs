namespace ChunkOta.Client;

/// <summary>Puts the caller's authorisation on each request as it goes out, a retried one included, and takes off what
/// the server has no use for.</summary>
/// <remarks>Headers are sent as text with every call: these two are a quarter of what a small call sends.</remarks>
internal sealed class AuthorizingHandler(
    ICallAuthorization authorization, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(
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
        return base.SendAsync(request, cancellationToken);
    }
}
