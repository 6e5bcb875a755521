namespace ChunkOta.Server;

/// <summary>The routes of gRPC services.</summary>
internal static class RpcRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<AdministrationRpc>();
        routes.MapGrpcService<PublishingRpc>();
        routes.MapGrpcService<ReleasesRpc>();
        routes.MapGrpcService<DevicesRpc>();
        routes.MapGrpcService<ChunksRpc>();
        routes.MapGrpcHealthChecksService();
    }
}
