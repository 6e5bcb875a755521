using Microsoft.AspNetCore.Http.Features;

namespace ChunkOta.Server;

/// <summary>The trailers of a gRPC answer.</summary>
internal static class GrpcTrailers
{
    /// <summary>The number of the status.</summary>
    public const string Status = "grpc-status";

    /// <summary>The text of the status.</summary>
    public const string Message = "grpc-message";

    /// <summary>The trailers of an answer; one without content has them among its headers.</summary>
    public static IHeaderDictionary? Of(HttpResponse response) => response.HasStarted
        ? response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
        : response.Headers;
}
