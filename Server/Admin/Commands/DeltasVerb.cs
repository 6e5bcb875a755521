using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>deltas</c>: those that the server has built, and those that it still builds.</summary>
internal sealed class DeltasVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "Answer when no delta is left to build: all are there, or failed.",
    };

    private readonly Option<TimeSpan> _timeout = new("--timeout")
    {
        Description = "The longest that --wait waits.",
        HelpName = "SPAN",
        CustomParser = Durations.Parse,
        DefaultValueFactory = _ => OptionParsers.DefaultDeltaWait,
    };

    public DeltasVerb(AdminContext context) : base(context, "deltas",
        "Lists the deltas between a product's releases: those being built, with their progress, and those that "
        + "devices can download. A delta that would save nothing is not stored.",
        "ota-admin deltas app",
        "# After a publish in CI, before devices are told:",
        "ota-admin deltas app --wait --timeout 10m --json")
    {
        Add(_product);
        Add(_wait);
        Add(_timeout);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var list = await ListAsync(session, product, cancellationToken);
        if (parsed.GetValue(_wait) && list.Queued.Any(job => job.State != DeltaJobState.Failed))
        {
            list = await PublishProgress.ShowAsync(
                Terminal, Diagnostics(parsed), Clock,
                progress => new DeltaWait(Clock, progress).RunAsync(
                    () => ListAsync(session, product, cancellationToken), parsed.GetValue(_timeout), mustBuild: false,
                    $"the deltas of {product} are not all built", $"ota-admin deltas {product} --wait",
                    cancellationToken));
        }

        var report = Report(list);
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.DeltaReport);
        else
            Write(report);
    }

    private static async Task<ListDeltasResponse> ListAsync(
        Session session, string product, CancellationToken cancellationToken) =>
        await session.Administration.ListDeltasAsync(
            new ListDeltasRequest { Product = product }, cancellationToken: cancellationToken);

    private static DeltaReport Report(ListDeltasResponse list) => new(
        list.IsBuilding,
        [.. list.Queued.Select(job => new DeltaJobLine
        {
            Platform = job.Platform,
            From = job.FromVersion,
            To = job.ToVersion,
            Quality = Word(job.Quality),
            State = Word(job.State),
            DoneBytes = job.DoneBytes,
            TotalBytes = job.TotalBytes,
            Attempts = job.Attempts,
            Error = job.Error.Length > 0 ? job.Error : null,
        })],
        [.. list.Built.Select(delta => new DeltaLine
        {
            Platform = delta.Platform,
            From = delta.FromVersion,
            To = delta.ToVersion,
            Quality = Word(delta.Quality),
            IsStored = !delta.Digest.IsEmpty,
            Bytes = delta.Bytes,
            Files = delta.Files,
            TargetBytes = delta.TargetBytes,
            Digest = delta.Digest.IsEmpty ? null : Convert.ToHexStringLower(delta.Digest.Span),
            BuiltUnixSeconds = delta.BuiltUnixSeconds,
            UsedUnixSeconds = Known.OrNull(delta.UsedUnixSeconds),
        })]);

    private void Write(DeltaReport report)
    {
        if (report.Queued.Count > 0)
        {
            var queue = new TextTable("platform", "from", "to", "quality", "state", "done", "tries", "error");
            foreach (var job in report.Queued)
                queue.Add(job.Platform, job.From, job.To, job.Quality, job.State, Done(job),
                    job.Attempts.ToString(CultureInfo.InvariantCulture), job.Error ?? "");
            queue.WriteTo(Terminal);
            if (!report.IsBuilding)
                Terminal.WriteLine("The server builds no deltas (its setting Deltas:Workers is 0).");
            Terminal.WriteLine("");
        }

        var built = new TextTable("platform", "from", "to", "quality", "size", "files", "gives", "built", "used");
        foreach (var delta in report.Built)
            built.Add(delta.Platform, delta.From, delta.To, delta.Quality,
                delta.IsStored
                    ? Printable.Bytes(delta.Bytes)
                    : "not stored", delta.Files.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(delta.TargetBytes), Printable.Time(delta.BuiltUnixSeconds),
                Printable.Time(delta.UsedUnixSeconds));
        built.WriteTo(Terminal);
    }

    private static string Done(DeltaJobLine job) => job.TotalBytes == 0
        ? "-"
        : $"{Printable.Share((double)job.DoneBytes / job.TotalBytes)} of {Printable.Bytes(job.TotalBytes)}";

    private static string Word(DeltaQuality quality) => quality == DeltaQuality.Best ? "best" : "quick";

    private static string Word(DeltaJobState state) => state switch
    {
        DeltaJobState.Running => "running",
        DeltaJobState.Failed => "failed",
        _ => "queued",
    };
}
