namespace ChunkOta.Client;

/// <summary>Puts the caller's authorisation on each request as it goes out, a retried one included.</summary>
internal sealed class AuthorizingHandler(ICallAuthorization authorization, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("A call without an address.");
        if (authorization.HeaderFor(uri.AbsolutePath, ServerAddress.AuthorityOf(uri)) is var (name, value))
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
