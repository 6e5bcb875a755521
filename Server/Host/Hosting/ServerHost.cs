using System.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;

namespace ChunkOta.Server;

/// <summary>Builds the web host: ports, logs, services, routes.</summary>
/// <remarks>
/// It starts from an empty builder, so that neither <c>ASPNETCORE_*</c> variables nor an appsettings.json can change
/// how the server listens.
/// </remarks>
internal static class ServerHost
{
    /// <summary>Builds the host without starting it.</summary>
    /// <param name="settings">Checked.</param>
    /// <param name="ports">The ports to open.</param>
    /// <param name="levels">Decide what is logged.</param>
    /// <param name="clock">The time of day.</param>
    /// <param name="services">Adds the parts that calls need.</param>
    public static WebApplication Build(
        ServerSettings settings, Ports ports, LogLevels levels, TimeProvider clock,
        Action<IServiceCollection> services)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "ota-server",
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(ports.Configure)
            .UseSockets(sockets => sockets.CreateBoundListenSocket = ports.Bind);
        ServerLogs.Add(builder.Logging, settings.Log, levels);

        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(settings.Limits.StopTimeoutSeconds));
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton<DistributedContextPropagator>(new OwnTraces());
        TelemetryExport.Add(builder.Services, settings);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(RpcOptions.Configure);
        builder.Services.AddProblemDetails();
        AddHealth(builder.Services);
        if (settings.Listen.Reflection) ReflectionRoutes.AddServices(builder.Services);
        services(builder.Services);

        var app = builder.Build();
        if (settings.Listen.TrustedProxies.Count != 0) app.UseForwardedHeaders(ForwardedAddresses(settings.Listen));
        if (!ListenAddress.Parse(settings.Listen.Metrics).IsOff) MetricsPort.Map(app);
        app.Use(AmbiguousRequests.RefuseAsync);
        app.UseStatusCodePages(HttpErrors.DescribeAsync);
        app.UseRouting();
        app.UseGrpcWeb();
        app.UseMiddleware<MeasuredCalls>();
        app.UseMiddleware<MalformedCalls>();
        RpcRoutes.Map(app);
        if (settings.Listen.Reflection) ReflectionRoutes.Map(app);
        HttpRoutes.Map(app);
        return app;
    }

    /// <summary>The address of a caller behind trusted proxies is the one that they forward.</summary>
    private static ForwardedHeadersOptions ForwardedAddresses(ListenSettings settings)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null,
        };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var proxy in settings.TrustedProxies) options.KnownIPNetworks.Add(ListenSettings.ParseNetwork(proxy));
        return options;
    }

    /// <summary>grpc.health.v1: the same answer for the server as a whole and for each of its services.</summary>
    private static void AddHealth(IServiceCollection services)
    {
        services.AddGrpcHealthChecks(health =>
        {
            foreach (var service in ServiceDescriptors.All) health.Services.Map(service.FullName, _ => true);
        }).AddCheck<StoreHealth>("store", timeout: StoreHealth.Timeout);
    }
}
