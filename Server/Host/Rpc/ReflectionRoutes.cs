using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection;

namespace ChunkOta.Server;

/// <summary>gRPC server reflection, with which tools such as grpcurl list and describe the services: for callers on
/// this machine only.</summary>
internal static class ReflectionRoutes
{
    public static void AddServices(IServiceCollection services)
    {
        var described = ServiceDescriptors.All.Append(Health.Descriptor).ToArray();
        services.AddSingleton(new ReflectionV1ServiceImpl(described));
        services.AddSingleton(new ReflectionServiceImpl(described));
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<ReflectionV1ServiceImpl>().Add(AllowLoopbackOnly);
        // Tools from before 2023 know only v1alpha.
        routes.MapGrpcService<ReflectionServiceImpl>().Add(AllowLoopbackOnly);
    }

    /// <summary>Answers callers on other machines as if the service did not exist.</summary>
    internal static void AllowLoopbackOnly(EndpointBuilder endpoint)
    {
        var serve = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
            context.Connection is { RemoteIpAddress: { } caller, LocalIpAddress: { } own }
                && IPAddress.IsLoopback(caller) && IPAddress.IsLoopback(own)
                // A proxy on this machine calls for others.
                && !context.Request.Headers.ContainsKey("X-Forwarded-For")
                ? serve(context)
                : AnswerUnimplemented(context);
    }

    private static Task AnswerUnimplemented(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = $"{(int)StatusCode.Unimplemented}";
        return Task.CompletedTask;
    }
}
