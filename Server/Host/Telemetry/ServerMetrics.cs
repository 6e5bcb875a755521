using System.Diagnostics;
using System.Diagnostics.Metrics;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Counts what the server does. <c>docs/monitoring.md</c> lists the instruments.</summary>
/// <remarks>
/// The values of every attribute are from a fixed list: no product, device, token or address is among them. A call
/// allocates nothing, and costs next to nothing while nobody collects. Any number of callers at once.
/// </remarks>
internal sealed class ServerMetrics : IServerObserver, ICatalogueObserver, IDisposable
{
    /// <summary>The name of the server's meter and of its source of spans.</summary>
    public const string MeterName = "ChunkOta.Server";

    private const string Content = "chunkota.content";
    private const string Answer = "chunkota.answer";
    private const string Kind = "chunkota.update.kind";
    private const string State = "chunkota.device.state";
    private const string Outcome = "chunkota.outcome";
    private const string Origin = "chunkota.origin";
    private const string Quality = "chunkota.delta.quality";
    private const string Part = "chunkota.store.part";
    private const string ObjectCall = "chunkota.object.operation";
    private const string Transaction = "chunkota.catalogue.transaction";
    private const string ErrorType = "error.type";

    private static readonly string[] Contents = ["chunks", "delta", "manifest", "recipe"];
    private static readonly string[] Answers = ["current", "delta", "chunks", "install"];
    private static readonly string[] BuildOutcomes = ["stored", "not_smaller", "failed"];
    private static readonly string[] Qualities = ["quick", "best"];

    private static readonly string[] States =
        ["other", "idle", "downloading", "staged", "succeeded", "failed", "rolled_back"];

    private static readonly string[] UsualRefusals =
    [
        ErrorCodes.RateLimited, ErrorCodes.Throttled, ErrorCodes.TokenInvalid, ErrorCodes.DeviceUnknown,
        ErrorCodes.NotAllowed,
    ];

    private static readonly string[] UsualFailures =
        [ErrorCodes.Internal, ErrorCodes.StoreUnavailable, ErrorCodes.StoreFull, ErrorCodes.ObjectDamaged];

    private static readonly InstrumentAdvice<double> CallSeconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<double> BuildSeconds = new()
    {
        HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000],
    };

    private readonly Counter<long> _sent, _checks, _reports, _updates, _received, _saved;
    private readonly Counter<long> _publishes, _publishedChunks, _publishedBytes, _builds;
    private readonly Counter<long> _refusals, _failures, _storeErrors;
    private readonly Histogram<double> _buildSeconds, _callSeconds, _objectSeconds, _catalogueSeconds;

    /// <summary>Creates the instruments.</summary>
    public ServerMetrics()
    {
        _sent = Meter.CreateCounter<long>(
            "chunkota.transfer.sent", "By", "Content sent to callers, without the framing of gRPC, HTTP and TLS.");
        _checks = Meter.CreateCounter<long>(
            "chunkota.update.checks", "{check}", "Update checks that were answered.");
        _reports = Meter.CreateCounter<long>(
            "chunkota.device.reports", "{report}", "Outcomes that devices reported.");
        _updates = Meter.CreateCounter<long>(
            "chunkota.updates", "{update}", "Devices that reported to run another release than before.");
        _received = Meter.CreateCounter<long>(
            "chunkota.update.received", "By", "Bytes that these devices say they received for it.");
        _saved = Meter.CreateCounter<long>(
            "chunkota.update.saved", "By", "Bytes that a full download would have cost these devices beyond that.");
        _publishes = Meter.CreateCounter<long>("chunkota.publishes", "{publish}", "Publishes that were committed.");
        _publishedChunks = Meter.CreateCounter<long>(
            "chunkota.publish.chunks", "{chunk}", "Distinct chunks of published releases.");
        _publishedBytes = Meter.CreateCounter<long>(
            "chunkota.publish.content", "By", "Plain bytes of these chunks.");
        _builds = Meter.CreateCounter<long>("chunkota.delta.builds", "{build}", "Builds of deltas that ended.");
        _buildSeconds = Meter.CreateHistogram(
            "chunkota.delta.build.duration", "s", "Time to build, verify and store a delta.", null, BuildSeconds);
        _refusals = Meter.CreateCounter<long>(
            "chunkota.call.refusals", "{call}", "Calls that the server refused, by error code.");
        _failures = Meter.CreateCounter<long>(
            "chunkota.call.failures", "{call}", "Calls that failed by a fault of the server, by error code.");
        _storeErrors = Meter.CreateCounter<long>(
            "chunkota.store.errors", "{error}", "Operations of the catalogue or the object store that failed.");
        _objectSeconds = Meter.CreateHistogram(
            "chunkota.object.duration", "s", "Time of one operation of the object store.", null, CallSeconds);
        _catalogueSeconds = Meter.CreateHistogram(
            "chunkota.catalogue.duration", "s", "Time of one transaction of the catalogue.", null, CallSeconds);
        _callSeconds = Meter.CreateHistogram(
            "rpc.server.call.duration", "s", "Time of one gRPC call, to the end of its stream.", null, CallSeconds);
    }

    /// <summary>The server's meter.</summary>
    public Meter Meter { get; } = new(MeterName, ServerVersion.Text);

    /// <summary>The source of the server's own spans.</summary>
    public ActivitySource Spans { get; } = new(MeterName, ServerVersion.Text);

    /// <summary>Shows the series that matter as 0, so that the first event of each is seen as a rise.</summary>
    public void Begin()
    {
        foreach (var content in Contents) _sent.Add(0, Tag(Content, content));
        foreach (var answer in Answers) _checks.Add(0, Tag(Answer, answer));
        foreach (var state in States[4..]) _reports.Add(0, Tag(State, state));
        foreach (var isInstall in (bool[])[true, false]) _updates.Add(0, KindOf(isInstall));
        _received.Add(0);
        _saved.Add(0);
        foreach (var isAlready in (bool[])[true, false]) _publishes.Add(0, PublishOf(isAlready));
        foreach (var isNew in (bool[])[true, false])
        {
            _publishedChunks.Add(0, OriginOf(isNew));
            _publishedBytes.Add(0, OriginOf(isNew));
        }

        foreach (var quality in Qualities)
        {
            foreach (var outcome in BuildOutcomes) _builds.Add(0, Tag(Quality, quality), Tag(Outcome, outcome));
        }

        foreach (var code in UsualRefusals) Refused(code, 0);
        foreach (var code in UsualFailures) Failed(code, 0);
        foreach (var part in Enum.GetValues<StorePart>())
        {
            foreach (var code in UsualFailures[1..3]) StoreFailed(part, code, 0);
        }
    }

    /// <summary>Counts content that was sent; call it once for many frames or pieces.</summary>
    public void Sent(SentContent content, long bytes) => _sent.Add(bytes, Tag(Content, Contents[(int)content]));

    /// <summary>Counts calls that were refused.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="calls">How many.</param>
    public void Refused(string code, long calls = 1) => _refusals.Add(calls, Tag(ErrorType, code));

    /// <summary>Counts calls that failed by a fault of the server.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="calls">How many.</param>
    public void Failed(string code, long calls = 1) => _failures.Add(calls, Tag(ErrorType, code));

    /// <summary>Counts errors of the store.</summary>
    /// <param name="part">The part that failed.</param>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="errors">How many.</param>
    public void StoreFailed(StorePart part, string code, long errors = 1) =>
        _storeErrors.Add(errors, Tag(Part, WordOf(part)), Tag(ErrorType, code));

    /// <summary>Measures an operation of the object store.</summary>
    /// <param name="operation">From a fixed list.</param>
    /// <param name="duration">Its time.</param>
    public void ObjectCalled(string operation, TimeSpan duration) =>
        _objectSeconds.Record(duration.TotalSeconds, Tag(ObjectCall, operation));

    /// <inheritdoc/>
    public void Transacted(bool isWrite, TimeSpan duration) =>
        _catalogueSeconds.Record(duration.TotalSeconds, Tag(Transaction, isWrite ? "write" : "read"));

    /// <inheritdoc/>
    public void TransactionFailed(string code) => StoreFailed(StorePart.Catalogue, code);

    /// <summary>Measures a gRPC call.</summary>
    /// <param name="method">Service and method, such as <c>chunkota.v1.Devices/Report</c>.</param>
    /// <param name="status">The status, such as <c>NOT_FOUND</c>.</param>
    /// <param name="duration">To the end of its stream.</param>
    public void Called(string method, string status, TimeSpan duration) => _callSeconds.Record(
        duration.TotalSeconds, Tag("rpc.system.name", "grpc"), Tag("rpc.method", method),
        Tag("rpc.response.status_code", status));

    /// <summary>The word of a part of the store.</summary>
    public static string WordOf(StorePart part) => part == StorePart.Catalogue ? "catalogue" : "objects";

    /// <inheritdoc/>
    public void Published(ReleaseFigures figures, bool isAlreadyPublished)
    {
        _publishes.Add(1, PublishOf(isAlreadyPublished));
        if (isAlreadyPublished) return;
        _publishedChunks.Add(figures.NewChunks, OriginOf(isNew: true));
        _publishedChunks.Add(figures.DistinctChunks - figures.NewChunks, OriginOf(isNew: false));
        _publishedBytes.Add(figures.NewPlainBytes, OriginOf(isNew: true));
        _publishedBytes.Add(figures.DistinctPlainBytes - figures.NewPlainBytes, OriginOf(isNew: false));
    }

    /// <inheritdoc/>
    public void Checked(UpdateAnswerKind kind) => _checks.Add(1, Tag(Answer, Answers[(int)kind]));

    /// <inheritdoc/>
    public void Reported(int state, int cause)
    {
        var word = States[state > 0 && state < States.Length ? state : 0];
        if (cause == 0) _reports.Add(1, Tag(State, word));
        else _reports.Add(1, Tag(State, word), Tag(ErrorType, CauseOf(cause)));
    }

    /// <inheritdoc/>
    public void Updated(bool isInstall, long receivedBytes, long fullBytes)
    {
        _updates.Add(1, KindOf(isInstall));
        _received.Add(receivedBytes);
        _saved.Add(Math.Max(0, fullBytes - receivedBytes));
    }

    /// <inheritdoc/>
    public void DeltaBuilt(DeltaBuildOutcome outcome, DeltaQuality quality, TimeSpan duration)
    {
        var word = quality == DeltaQuality.Best ? Qualities[1] : Qualities[0];
        _builds.Add(1, Tag(Quality, word), Tag(Outcome, BuildOutcomes[(int)outcome]));
        _buildSeconds.Record(duration.TotalSeconds, Tag(Quality, word));
        using var span = Spans.StartActivity("delta build");
        span?.SetStartTime(span.StartTimeUtc - duration).SetTag(Quality, word)
            .SetTag(Outcome, BuildOutcomes[(int)outcome]);
    }

    public void Dispose()
    {
        Meter.Dispose();
        Spans.Dispose();
    }

    private static string CauseOf(int cause) => Enum.IsDefined((FailureCause)(cause - 1))
        ? ((FailureCause)(cause - 1)).ToWord()
        : FailureCause.Other.ToWord();

    private static KeyValuePair<string, object?> KindOf(bool isInstall) =>
        Tag(Kind, isInstall ? "install" : "upgrade");

    private static KeyValuePair<string, object?> OriginOf(bool isNew) => Tag(Origin, isNew ? "new" : "reused");

    private static KeyValuePair<string, object?> PublishOf(bool isAlready) =>
        Tag(Outcome, isAlready ? "already_published" : "published");

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}

/// <summary>The kinds of content that the server sends.</summary>
internal enum SentContent
{
    /// <summary>Frames of chunks.</summary>
    Chunks,

    /// <summary>Pieces of a delta.</summary>
    Delta,

    /// <summary>A manifest, compressed or as it is stored.</summary>
    Manifest,

    /// <summary>Recipes.</summary>
    Recipe,
}

/// <summary>The parts of the store.</summary>
internal enum StorePart
{
    /// <summary>The catalogue.</summary>
    Catalogue,

    /// <summary>The object store.</summary>
    Objects,
}
