using ChunkOta.Server.Core;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChunkOta.Server;

/// <summary>The routes of HTTP requests.</summary>
internal static class HttpRoutes
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var server = services.GetRequiredService<ServerDescription>();
        var objects = services.GetRequiredService<ObjectEndpoint>();
        var errors = services.GetRequiredService<HttpErrors>();
        var source = services.GetRequiredService<SourceSettings>();

        routes.MapMethods("/healthz", Reading, WriteOkAsync);
        routes.MapMethods("/livez", Reading, WriteOkAsync);
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { ResponseWriter = WriteReadinessAsync });
        routes.MapGet("/version", context => WriteVersionAsync(context, server, source));
        routes.MapMethods("/v1/manifests/{manifest}", Reading, context => errors.GuardAsync(
            context, () => objects.ServeManifestAsync(context, Value(context, "manifest"))));
        routes.MapMethods("/v1/manifests/{manifest}/recipes/{recipe}", Reading, context => errors.GuardAsync(
            context, () => objects.ServeRecipeAsync(context, Value(context, "manifest"), Value(context, "recipe"))));
        routes.MapMethods("/v1/manifests/{manifest}/deltas/{delta}", Reading, context => errors.GuardAsync(
            context, () => objects.ServeDeltaAsync(context, Value(context, "manifest"), Value(context, "delta"))));
    }

    private static Task WriteOkAsync(HttpContext context) =>
        context.Response.WriteAsync("ok\n", context.RequestAborted);

    private static Task WriteReadinessAsync(HttpContext context, HealthReport report) =>
        report.Status != HealthStatus.Unhealthy
            ? WriteConditionAsync(context, report)
            : HttpErrors.AnswerAsync(
                context, StatusCodes.Status503ServiceUnavailable,
                new ChunkOtaException(
                    ErrorCodes.StoreUnavailable, "the store does not answer: read the server's log"));

    /// <summary>"ok", or "degraded" and why: what is lost is lost on every server, so none must be taken out of
    /// service for it.</summary>
    private static Task WriteConditionAsync(HttpContext context, HealthReport report) =>
        report.Status == HealthStatus.Healthy
            ? WriteOkAsync(context)
            : context.Response.WriteAsync(
                string.Concat(report.Entries.Values.Where(entry => entry.Status == HealthStatus.Degraded)
                    .Select(entry => $"degraded: {entry.Description}\n")),
                context.RequestAborted);

    private static Task WriteVersionAsync(HttpContext context, ServerDescription server, SourceSettings source)
    {
        var answer = new VersionAnswer(
            server.Version, server.CatalogueEngine, Environment.Version.ToString(), source.Url);
        return context.Response.WriteAsJsonAsync(
            answer, ServerJson.Default.VersionAnswer, cancellationToken: context.RequestAborted);
    }

    private static string Value(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;
}
