using Microsoft.Extensions.Logging.Console;

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
    /// <param name="clock">The time of day.</param>
    /// <param name="services">Adds the parts that calls need.</param>
    public static WebApplication Build(
        ServerSettings settings, Ports ports, TimeProvider clock, Action<IServiceCollection> services)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "ota-server",
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(ports.Configure);
        AddLogs(builder, settings.Log);

        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(settings.Limits.StopTimeoutSeconds));
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddSingleton(clock);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(RpcOptions.Configure);
        AddHealth(builder.Services);
        if (settings.Listen.Reflection) ReflectionRoutes.AddServices(builder.Services);
        services(builder.Services);

        var app = builder.Build();
        app.UseRouting();
        RpcRoutes.Map(app);
        if (settings.Listen.Reflection) ReflectionRoutes.Map(app);
        HttpRoutes.Map(app);
        return app;
    }

    /// <summary>grpc.health.v1: the same answer for the server as a whole and for each of its services.</summary>
    private static void AddHealth(IServiceCollection services)
    {
        services.AddGrpcHealthChecks(health =>
        {
            foreach (var service in ServiceDescriptors.All) health.Services.Map(service.FullName, _ => true);
        }).AddCheck<StoreHealth>("store", timeout: StoreHealth.Timeout);
    }

    private static void AddLogs(WebApplicationBuilder builder, LogSettings settings)
    {
        builder.Logging.SetMinimumLevel(settings.Level);
        // The server logs its calls itself; of the framework only warnings are of interest.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }
}
