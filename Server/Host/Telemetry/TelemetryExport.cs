using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ChunkOta.Server;

/// <summary>Sets up what is exported: metrics for Prometheus, metrics and spans by OTLP.</summary>
internal static class TelemetryExport
{
    /// <summary>Meters of .NET that are shown beside the server's own.</summary>
    private static readonly string[] FrameworkMeters =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    private const int ExportTimeoutMilliseconds = 5000;

    /// <summary>Adds the exporters that the settings ask for, and nothing where they ask for none.</summary>
    public static void Add(IServiceCollection services, ServerSettings settings)
    {
        var isScraped = !ListenAddress.Parse(settings.Listen.Metrics).IsOff;
        var collector = settings.Telemetry.FindCollector();
        if (!isScraped && collector is null) return;

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource =>
            resource.AddService("ota-server", serviceVersion: ServerVersion.Text));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter([ServerMetrics.MeterName, .. FrameworkMeters]);
            if (isScraped) metrics.AddPrometheusExporter();
            if (collector is not null)
                metrics.AddOtlpExporter(exporter => Configure(exporter, settings.Telemetry, collector, "v1/metrics"));
        });
        if (collector is not null)
            telemetry.WithTracing(traces => AddTraces(traces, settings.Telemetry, collector));
    }

    private static void AddTraces(TracerProviderBuilder traces, TelemetrySettings settings, Uri collector)
    {
        // ASP.NET has made the trace by then (OwnTraces); any other propagator would look at the caller's again.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        traces
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.TracePercent / 100.0)))
            .AddAspNetCoreInstrumentation(requests =>
                requests.Filter = context => context.Features.Get<MetricsPort>() is null)
            .AddSource(ServerMetrics.MeterName)
            .AddOtlpExporter(exporter => Configure(exporter, settings, collector, "v1/traces"));
    }

    private static void Configure(
        OtlpExporterOptions exporter, TelemetrySettings settings, Uri collector, string path)
    {
        var isGrpc = settings.Protocol == TelemetrySettings.GrpcProtocol;
        exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = isGrpc ? collector : new Uri(collector, path);
        exporter.TimeoutMilliseconds = ExportTimeoutMilliseconds;
    }
}
