using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Registers the parts that calls need: the store, the operations over it, and what answers calls.</summary>
internal static class ServerParts
{
    /// <summary>
    /// Adds the parts to the host's container, which disposes of what it makes, but not of the store.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="settings">Checked.</param>
    /// <param name="store">Open.</param>
    /// <param name="certificate">Null when there is no TLS port.</param>
    /// <param name="metrics">Count what the parts do.</param>
    public static void Add(
        IServiceCollection services, ServerSettings settings, Store store, ServedCertificate? certificate,
        ServerMetrics metrics)
    {
        var options = OptionsOf(settings, certificate) with { Observer = metrics };
        services.AddSingleton(metrics);
        services.AddSingleton(settings.Devices);
        services.AddSingleton(settings.Source);
        services.AddSingleton(new StoreHealth(store.Catalogue, store.Objects));
        services.AddSingleton(new ServerDescription(
            ServerVersion.Text, store.Catalogue.Engine, () => certificate?.Current.SpkiSha256 ?? []));
        services.AddSingleton(provider => new ServerOperations(
            store, options, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(store.Scrubbing.Watch);
        services.AddSingleton<CallerLimits>();
        services.AddSingleton(provider => new CallerGate(
            provider.GetRequiredService<ServerOperations>().Callers, provider.GetRequiredService<CallerLimits>(),
            new CallerBudgets(
                0, settings.Limits.CallsPerSecond, 10L * settings.Limits.CallsPerSecond,
                provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FailedCalls>();
        services.AddSingleton<HttpErrors>();
        services.AddSingleton(provider => new ObjectEndpoint(
            provider.GetRequiredService<ServerOperations>(), provider.GetRequiredService<CallerGate>(),
            store, metrics));
        services.AddHostedService<DeltaBuilding>();
        services.AddHostedService<Scrubbing>();
        services.AddHostedService<FollowingOthers>();
        services.AddHostedService<CollectionRuns>();
        services.AddHostedService<RenewalWatch>();
    }

    /// <summary>Adds the gauges of the store, and what samples it for them.</summary>
    /// <param name="services">The container.</param>
    /// <param name="store">Open.</param>
    /// <param name="data">The folder on whose disk free space is looked at.</param>
    /// <param name="certificate">Null when there is no TLS port.</param>
    /// <param name="metrics">Have the meter.</param>
    public static void AddSampling(
        IServiceCollection services, Store store, DataFolder data, ServedCertificate? certificate,
        ServerMetrics metrics) =>
        services.AddHostedService(provider =>
        {
            var operations = provider.GetRequiredService<ServerOperations>();
            return new StoreSampling(
                store, operations, data, certificate, new StoreGauges(metrics.Meter, operations.Reports.ReadRunning),
                provider.GetRequiredService<TimeProvider>());
        });

    /// <summary>The options of the store.</summary>
    /// <param name="settings">Checked.</param>
    /// <param name="scratchFolder">The folder of scratch files; it must exist.</param>
    public static StoreOptions StoreOptionsOf(
        ServerSettings settings, string scratchFolder, TimeProvider clock) => new()
        {
            Clock = clock,
            ScratchFolder = scratchFolder,
            ManifestLimits = new ManifestLimits(settings.Limits.ManifestBytes, settings.Limits.ManifestEntries),
            MaxReleaseBytes = settings.Limits.ReleaseBytes,
            PacksAtOnce = settings.Publish.PacksAtOnce,
            PacksPerCaller = settings.Publish.PacksPerCaller,
            ManifestCacheBytes = settings.Fetch.ManifestCacheBytes,
            RecipeCacheBytes = settings.Fetch.RecipeCacheBytes,
            GatherLevel = settings.Fetch.GatherLevel,
            ManifestLevel = settings.Fetch.ManifestLevel,
            DeltaCacheBytes = settings.Deltas.CacheBytes,
            ScrubBytesPerSecond = settings.Scrub.BytesPerSecond,
            DeltaBuildsAtOnce = Math.Max(1, settings.Deltas.Workers),
            Collection = new CollectionOptions
            {
                Grace = TimeSpan.FromHours(settings.Collection.GraceHours),
                OrphanGrace = TimeSpan.FromHours(settings.Collection.OrphanHours),
                DeviceLife = TimeSpan.FromDays(settings.Collection.DeviceDays),
                CompactBelowPercent = settings.Collection.CompactBelowPercent,
            },
        };

    private static ServerOptions OptionsOf(ServerSettings settings, ServedCertificate? certificate) => new()
    {
        Publishing = new PublishLimits(settings.Limits.ManifestBytes, settings.Limits.ReleaseBytes),
        Uploads = new UploadLimits(
            settings.Publish.StreamsPerCaller, settings.Publish.CallerBytesPerSecond,
            TimeSpan.FromSeconds(settings.Publish.IdleSeconds)),
        Sending = new SendingLimits(
            settings.Fetch.AtOnce, settings.Fetch.AtOncePerCaller, settings.Fetch.BytesPerSecond,
            settings.Fetch.CallerBytesPerSecond, settings.Fetch.CallerBurstBytes),
        Deltas = new DeltaOptions
        {
            Workers = settings.Deltas.Workers,
            PreviousReleases = settings.Deltas.Previous,
            Patience = TimeSpan.FromSeconds(settings.Deltas.WaitSeconds),
            CacheBytes = settings.Deltas.CacheBytes,
        },
        Scrub = settings.Scrub.ToOptions(),
        CollectionInterval = TimeSpan.FromHours(settings.Collection.EveryHours),
        CollectionGrace = TimeSpan.FromHours(settings.Collection.GraceHours),
        IsolatesProducts = settings.Store.IsolatesProducts(),
        NoncesRemembered = settings.Devices.NoncesRemembered,
        Listeners = settings.Devices.Listeners,
        PublicNames = settings.Listen.PublicNames,
        // Behind a proxy devices see its key, not this server's.
        TlsPin = () => certificate is { Current: { IsSelfSigned: true } own } && settings.Listen.PublicNames.Count == 0
            ? own.SpkiSha256
            : [],
    };
}
