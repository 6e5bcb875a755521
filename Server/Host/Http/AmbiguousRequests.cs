namespace ChunkOta.Server;

/// <summary>Refuses HTTP/1.1 requests with two lengths, which a proxy in front may cut elsewhere than this server
/// does.</summary>
internal static class AmbiguousRequests
{
    /// <summary>The name under which Kestrel keeps the length that it ignored.</summary>
    private const string IgnoredLength = "X-Content-Length";

    /// <summary>Answers such a request with 400 and closes its connection; passes on any other.</summary>
    public static Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers.TransferEncoding.Count == 0
            || (headers.ContentLength is null && !headers.ContainsKey(IgnoredLength)))
            return next(context);

        context.Response.OnStarting(() =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
        return HttpErrors.AnswerAsync(
            context, StatusCodes.Status400BadRequest,
            FailedCalls.Malformed("it has Content-Length and Transfer-Encoding"));
    }
}
