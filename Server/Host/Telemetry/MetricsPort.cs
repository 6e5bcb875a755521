using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ChunkOta.Server;

/// <summary>The port that serves <c>/metrics</c> and nothing else; no other port serves it.</summary>
/// <remarks>A connection carries the mark of its port, so no header of a request can reach the metrics through
/// another port.</remarks>
internal sealed class MetricsPort
{
    private static readonly MetricsPort Mark = new();

    private MetricsPort()
    {
    }

    /// <summary>Marks the connections of a port.</summary>
    public static void Add(ListenOptions options) => options.Use(next => connection =>
    {
        connection.Features.Set(Mark);
        return next(connection);
    });

    /// <summary>Adds the branch of these connections, before everything else.</summary>
    public static void Map(IApplicationBuilder app) => app.MapWhen(
        context => context.Features.Get<MetricsPort>() is not null,
        branch =>
        {
            branch.Use((context, next) =>
            {
                // What Prometheus asks is none of the requests that it measures.
                if (context.Features.Get<IHttpMetricsTagsFeature>() is { } tags) tags.MetricsDisabled = true;
                return next(context);
            });
            branch.UseOpenTelemetryPrometheusScrapingEndpoint();
        });
}
