using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>The operations of a server over its store. Start reading here.</summary>
/// <remarks>
/// Every transport maps its calls to these classes: they take and return records, decide what a caller may do, and know
/// nothing of gRPC or HTTP. Any number of callers at once. The store belongs to its creator and must outlive them.
/// </remarks>
public sealed class ServerOperations : IDisposable
{
    /// <summary>Time after which a generation of remembered nonces is replaced.</summary>
    private static readonly TimeSpan NonceLife = TimeSpan.FromMinutes(5);

    private readonly DeltaRequests _requests;

    /// <summary>Makes the operations, in the order in which they depend on each other.</summary>
    /// <param name="store">Open.</param>
    /// <param name="options">Limits and deltas.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="logs">Makes the logs.</param>
    public ServerOperations(Store store, ServerOptions options, TimeProvider clock, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        var catalogue = store.Catalogue;
        var (identities, devices) = (catalogue.Identities, catalogue.Devices);
        Callers = new Callers(
            identities, devices,
            new SignedCalls(
                new ReplayCache(clock, NonceLife, options.NoncesRemembered),
                catalogue.Moves is null ? null : devices, clock, NonceLife),
            options.PublicNames, clock);
        _requests = new DeltaRequests(catalogue, options.Deltas, clock, logs.CreateLogger<DeltaRequests>());
        DeltaWorker = new DeltaWorker(
            catalogue, store.Deltas, store.Scrubbing.Watch, _requests, options.Observer,
            logs.CreateLogger<DeltaWorker>());
        ScrubWorker = new ScrubWorker(store, options.Scrub, clock, logs.CreateLogger<ScrubWorker>());
        Scrubs = new ScrubOperations(store, ScrubWorker);
        Sending = new SendingGate(options.Sending, clock);
        Releases = new ReleaseOperations(store, Sending);
        Deltas = new DeltaOperations(
            catalogue, Releases, new DeltaReads(store, _requests, logs.CreateLogger<DeltaReads>()), _requests,
            Sending);
        Explanations = new ExplainOperations(Releases, store.Costs.Explainer);
        Forecasts = new ForecastOperations(store, Releases);
        var moves = new ChannelMoves(options.Listeners);
        OtherServers = new OtherServers(catalogue, moves, _requests, clock, logs.CreateLogger<OtherServers>());
        Publishing = new PublishOperations(
            store, _requests, moves, options.Publishing, options.Observer, logs.CreateLogger<PublishOperations>());
        UploadGate = new UploadGate(options.Uploads, clock);
        Uploads = new UploadOperations(catalogue, store.Publishing, UploadGate);
        var offers = new UpdateOffers(
            store.Deltas.Cache, _requests, store.Costs.Chunks, options.Deltas.Patience, clock,
            logs.CreateLogger<UpdateOffers>());
        Updates = new UpdateOperations(catalogue, store.Reading.Manifests, offers, moves, options.Observer);
        Enrolment = new EnrolmentOperations(
            identities, devices, clock, logs.CreateLogger<EnrolmentOperations>());
        Reports = new ReportOperations(
            catalogue, store.Costs.Chunks, new RunningUpdates(clock), ScrubWorker, options.Observer,
            logs.CreateLogger<ReportOperations>());
        Products = new ProductOperations(
            catalogue, store.Publishing.Documents, options.IsolatesProducts, clock,
            logs.CreateLogger<ProductOperations>());
        Renewals = new RenewalOperations(catalogue, clock, logs.CreateLogger<RenewalOperations>());
        Channels = new ChannelOperations(
            catalogue, store.Publishing.Documents, _requests, moves, clock, logs.CreateLogger<ChannelOperations>());
        Anchors = new AnchorOperations(catalogue, Releases, _requests, logs.CreateLogger<AnchorOperations>());
        CollectionWorker = new CollectionWorker(
            catalogue.Collection, store.Collection.Collector, options.CollectionInterval, clock,
            logs.CreateLogger<CollectionWorker>());
        Collections = new CollectionOperations(
            store, _requests, CollectionWorker, options.CollectionGrace, logs.CreateLogger<CollectionOperations>());
        Tokens = new TokenOperations(identities, options.TlsPin, clock, logs.CreateLogger<TokenOperations>());
    }

    /// <summary>Authenticates calls.</summary>
    public Callers Callers { get; }

    /// <summary>Builds the queued deltas.</summary>
    public DeltaWorker DeltaWorker { get; }

    /// <summary>Verifies the store by schedule.</summary>
    public ScrubWorker ScrubWorker { get; }

    /// <summary>Verifies the store on request.</summary>
    public ScrubOperations Scrubs { get; }

    /// <summary>Admits transfers to devices and other readers.</summary>
    public SendingGate Sending { get; }

    /// <summary>Follows what the other servers of the catalogue do.</summary>
    public OtherServers OtherServers { get; }

    /// <summary>Runs collections.</summary>
    public CollectionWorker CollectionWorker { get; }

    /// <summary>Lists releases and gives out their manifests, recipes and chunks.</summary>
    public ReleaseOperations Releases { get; }

    /// <summary>Gives out and lists deltas.</summary>
    public DeltaOperations Deltas { get; }

    /// <summary>Explains updates.</summary>
    public ExplainOperations Explanations { get; }

    /// <summary>Forecasts what a release costs.</summary>
    public ForecastOperations Forecasts { get; }

    /// <summary>Begins and commits publishes.</summary>
    public PublishOperations Publishing { get; }

    /// <summary>Bounds what a publisher sends.</summary>
    public UploadGate UploadGate { get; }

    /// <summary>Stores what a publisher sends.</summary>
    public UploadOperations Uploads { get; }

    /// <summary>Tells devices which release to run.</summary>
    public UpdateOperations Updates { get; }

    /// <summary>Enrols devices.</summary>
    public EnrolmentOperations Enrolment { get; }

    /// <summary>Keeps the reports of devices.</summary>
    public ReportOperations Reports { get; }

    /// <summary>Registers and lists products.</summary>
    public ProductOperations Products { get; }

    /// <summary>Tells what is due to be renewed.</summary>
    public RenewalOperations Renewals { get; }

    /// <summary>Lists and moves channels.</summary>
    public ChannelOperations Channels { get; }

    /// <summary>Pins releases as known-good.</summary>
    public AnchorOperations Anchors { get; }

    /// <summary>Deletes releases and frees what no release needs.</summary>
    public CollectionOperations Collections { get; }

    /// <summary>Creates and revokes tokens.</summary>
    public TokenOperations Tokens { get; }

    /// <summary>Frees what the operations keep. No call may be running.</summary>
    public void Dispose()
    {
        Explanations.Dispose();
        _requests.Dispose();
    }
}
