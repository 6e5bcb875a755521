using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>What the calls are made of, for the host's container: the store's parts
/// and one Operations class per area.</summary>
internal static class ServerParts
{
    private static readonly TimeSpan NonceLife = TimeSpan.FromMinutes(5);

    /// <summary>Reads that all fetches together have in memory beyond one each; about 512 KiB a read.</summary>
    private const int ReadsAhead = 32;

    /// <summary>Adds them.</summary>
    /// <param name="services">The host's container; it disposes of what is made here, not of what is handed in.</param>
    /// <param name="settings">Checked.</param>
    /// <param name="catalogue">Open.</param>
    /// <param name="objects">Open.</param>
    /// <param name="certificate">Null when there is no TLS port.</param>
    /// <param name="scratchFolder">Where files without a name take their room; it must exist.</param>
    public static void Add(
        IServiceCollection services, ServerSettings settings, ICatalogue catalogue, IPrunableObjectStore objects,
        ServerCertificate? certificate, string scratchFolder)
    {
        var clock = TimeProvider.System;
        var reader = new ReleaseReader(objects, settings.Fetch.ManifestCacheBytes, settings.Fetch.RecipeCacheBytes);
        var limits = new ManifestLimits(settings.Limits.ManifestBytes, settings.Limits.ManifestEntries);
        var replays = new ReplayCache(clock, NonceLife, settings.Devices.NoncesRemembered);

        services.AddSingleton(settings);
        services.AddSingleton(new StoreHealth(catalogue, objects));
        services.AddSingleton(new Callers(catalogue.Identities, catalogue.Devices, replays, clock));
        services.AddSingleton(_ => new PackWriterPool(settings.Publish.PacksAtOnce));
        services.AddSingleton(_ =>
            new ChunkFetcher(objects, catalogue.Chunks, reader, settings.Fetch.GatherLevel, ReadsAhead));
        services.AddSingleton(new ReleaseCommitter(objects, catalogue, limits, settings.Limits.ReleaseBytes, clock));
        services.AddSingleton(provider => new PublishOperations(
            catalogue, objects, provider.GetRequiredService<PackWriterPool>(),
            provider.GetRequiredService<ReleaseCommitter>(), provider.GetRequiredService<DeltaRequests>(),
            Log<PublishOperations>(provider)));
        services.AddSingleton(provider => new ReleaseOperations(
            catalogue, objects, reader, provider.GetRequiredService<ChunkFetcher>(),
            provider.GetRequiredService<DeltaOperations>()));
        services.AddSingleton(provider => new DeviceOperations(
            catalogue,
            new SentManifests(reader, settings.Fetch.ManifestLevel, settings.Fetch.ManifestCacheBytes / 2),
            provider.GetRequiredService<DeltaOperations>(), settings.Devices, clock, Log<DeviceOperations>(provider)));
        services.AddSingleton(provider => new AdministrationOperations(
            catalogue, certificate, provider.GetRequiredService<DeltaRequests>(), clock,
            Log<AdministrationOperations>(provider)));
        services.AddSingleton(provider => new TokenOperations(
            catalogue.Identities, certificate, clock, Log<TokenOperations>(provider)));
        services.AddSingleton(provider => new AnchorOperations(
            catalogue, provider.GetRequiredService<ReleaseOperations>(), provider.GetRequiredService<DeltaRequests>(),
            Log<AnchorOperations>(provider)));
        services.AddSingleton<HttpErrors>();
        services.AddSingleton(provider => new ObjectEndpoint(
            provider.GetRequiredService<ReleaseOperations>(), provider.GetRequiredService<DeltaOperations>(), objects,
            provider.GetRequiredService<Callers>()));
        AddDeltas(services, settings, catalogue, objects, reader, scratchFolder);
    }

    private static void AddDeltas(
        IServiceCollection services, ServerSettings settings, ICatalogue catalogue, IPrunableObjectStore objects,
        ReleaseReader reader, string scratchFolder)
    {
        var (clock, deltas) = (TimeProvider.System, settings.Deltas);
        var planner = new BasePairing(reader);
        var cache = new DeltaCache(objects, catalogue.Deltas, deltas.CacheBytes);
        services.AddSingleton(_ => new UpdateCosts(reader, catalogue.Chunks));
        services.AddSingleton(_ => new FileAssembler(objects, catalogue.Chunks, reader));
        services.AddSingleton(provider => new DeltaBuilder(
            planner, provider.GetRequiredService<UpdateCosts>(), provider.GetRequiredService<FileAssembler>(), objects, scratchFolder,
            Math.Max(1, deltas.Workers)));
        services.AddSingleton(provider => new DeltaRequests(catalogue, deltas, clock, Log<DeltaRequests>(provider)));
        services.AddSingleton(provider => new DeltaOperations(
            catalogue, objects, cache, provider.GetRequiredService<DeltaRequests>(), provider.GetRequiredService<UpdateCosts>(), deltas, clock,
            Log<DeltaOperations>(provider)));
        services.AddSingleton(provider => new ExplainOperations(
            provider.GetRequiredService<ReleaseOperations>(),
            new UpdateExplainer(
                reader, provider.GetRequiredService<UpdateCosts>(), planner, cache, provider.GetRequiredService<FileAssembler>(), scratchFolder)));
        services.AddHostedService(provider => new DeltaWorker(
            catalogue, provider.GetRequiredService<DeltaBuilder>(), cache, provider.GetRequiredService<DeltaRequests>(),
            deltas, Log<DeltaWorker>(provider)));
        services.AddSingleton(provider => new ForecastOperations(
            catalogue, reader, provider.GetRequiredService<ReleaseOperations>(),
            provider.GetRequiredService<ReleaseCommitter>(),
            new Forecaster(
                catalogue, reader, provider.GetRequiredService<UpdateCosts>(), planner, provider.GetRequiredService<DeltaBuilder>(),
                settings.Fetch.ManifestLevel)));
    }

    private static ILogger<T> Log<T>(IServiceProvider provider) => provider.GetRequiredService<ILogger<T>>();
}
