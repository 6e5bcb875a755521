using System.Text.Json;
using ChunkOta.Durable;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>One run of the server, from its data folder to a clean stop.</summary>
internal static class ServerRun
{
    /// <summary>Serves until SIGTERM or SIGINT.</summary>
    /// <param name="load">Loads the settings: now, and again at each SIGHUP.</param>
    /// <param name="output">Gets the ready line when all ports are open. It never fails: a server whose output is
    /// closed serves all the same.</param>
    /// <exception cref="ChunkOtaException">The server cannot start.</exception>
    public static async Task ServeAsync(Func<ServerSettings> load, TextWriter output)
    {
        try
        {
            await RunAsync(load, output);
        }
        catch (FileSystemException failure) when (failure.Code == ErrorCodes.IoError)
        {
            throw new ChunkOtaException(
                failure.Code,
                $"the data folder cannot be used: {failure.Message}: run ota-server as the user who owns it, or choose "
                    + "another with --data",
                failure);
        }
    }

    private static async Task RunAsync(Func<ServerSettings> load, TextWriter output)
    {
        using var hangups = new HangupSignal();
        OpenSsl.Load();
        NativeHeap.ReturnLargeBlocks();
        var settings = load();
        var clock = ServerClock.OfEnvironment();
        var manager = new ServiceManager(clock);
        using var data = DataFolder.Open(settings.Data);
        using var certificate = ListenAddress.Parse(settings.Listen.Tls).IsOff
            ? null
            : new ServedCertificate(() => TlsFiles.Open(data, settings.Tls, clock.GetUtcNow()));
        using var metrics = new ServerMetrics();
        await using var catalogue = StoreOpening.OpenCatalogue(settings.Catalogue, data, clock, metrics);
        await CatalogueCheck.RunAsync(catalogue);
        var stored = await StoreOpening.OpenObjectsAsync(settings.Objects, data, clock);
        using var connections = stored as IDisposable;
        var binding = new ObjectBinding(catalogue, stored);
        await binding.BindAsync();
        var objects = new MeasuredObjectStore(stored, metrics);
        var replica = StoreOpening.OpenReplica(settings.Replica, clock);
        using var replicaConnections = replica as IDisposable;
        using var store = new Store(
            catalogue, objects, ServerParts.StoreOptionsOf(settings, data.MakeScratchFolder(), clock) with
            {
                Replica = replica,
                Binding = binding,
            });
        await AdminToken.EnsureAsync(data, catalogue.Identities, clock);

        var ports = new Ports(settings, certificate);
        var levels = new LogLevels(settings.Log.Level);
        await using var app = ServerHost.Build(settings, ports, levels, clock, services =>
        {
            ServerParts.Add(services, settings, store, certificate, metrics);
            ServerParts.AddSampling(services, store, data, certificate, metrics);
            var backups = new BackupMaker(settings.Backup, data, catalogue, objects, clock);
            services.AddHostedService(provider => new BackupRuns(
                backups, TimeSpan.FromHours(settings.Backup.EveryHours), new BackupGauge(metrics.Meter), clock,
                provider.GetRequiredService<ILogger<BackupRuns>>()));
            services.AddHostedService(provider => new Reloading(
                provider.GetRequiredService<IHostApplicationLifetime>(), hangups,
                new Reloadable(load, levels, certificate), manager, clock,
                provider.GetRequiredService<ILogger<Reloading>>()));
        });
        await StartAsync(app);
        levels.EndStart();
        metrics.Begin();
        app.Lifetime.ApplicationStopping.Register(manager.Stopping);

        var log = app.Services.GetRequiredService<ILogger<StartLog>>();
        var said = new StartLog(log);
        said.Write(ports, data, certificate?.Current);
        await said.WarnIfBehindAsync(catalogue);
        await output.WriteLineAsync(JsonSerializer.Serialize(
            ReadyLineOf(ports, data, certificate), ServerJson.Default.ReadyLine));
        await output.FlushAsync();
        await app.WaitForShutdownAsync();
    }

    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException failure)
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid, failure.Message, failure);
        }
    }

    private static ReadyLine ReadyLineOf(Ports ports, DataFolder data, ServedCertificate? certificate) => new()
    {
        Ready = true,
        Grpc = ports.GrpcUrl,
        Http = ports.HttpUrl,
        Tls = ports.TlsUrl,
        Metrics = ports.MetricsUrl,
        Data = data.Path,
        TlsSpkiSha256 = certificate is null ? null : Convert.ToHexStringLower(certificate.Current.SpkiSha256),
        Version = ServerVersion.Text,
    };
}
