namespace ChunkOta.Server;

/// <summary>The routes of gRPC services.</summary>
internal static class RpcRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<AdministrationRpc>();
        routes.MapGrpcService<PublishingRpc>();
        // What devices call passes as gRPC-Web, too, for proxies that speak HTTP/1.1 only.
        routes.MapGrpcService<ReleasesRpc>().EnableGrpcWeb();
        routes.MapGrpcService<DevicesRpc>().EnableGrpcWeb();
        routes.MapGrpcService<ChunksRpc>().EnableGrpcWeb();
        routes.MapGrpcHealthChecksService();
    }
}
