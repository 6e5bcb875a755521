using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>deltas</c>: which the server has made, and which it is still to make.</summary>
internal sealed class Deltas : AdminVerb
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(300);

    private readonly Argument<string> _product = new("PRODUCT") { Description = "The product." };

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "Answer when nothing is to be made any more: all deltas are there, or failed.",
    };

    public Deltas(AdminContext context) : base(context, "deltas",
        "Lists the deltas between a product's releases: those being made, with their progress, and those that devices can "
        + "take. A delta that would save nothing is not stored.",
        "ota-admin deltas app",
        "# After a publish in CI, before devices are told:",
        "ota-admin deltas app --wait --json")
    {
        Add(_product);
        Add(_wait);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var list = await ListAsync(session, product, cancellationToken);
        while (parsed.GetValue(_wait) && list.Queued.Any(job => job.State != DeltaJobState.Failed))
        {
            if (!list.IsBuilding)
                throw new ChunkOtaException(ErrorCodes.ConfigInvalid,
                    "the server makes no deltas (its setting Deltas:Workers is 0), so there is nothing to wait for");
            await Task.Delay(LookAgainAfter, Clock, cancellationToken);
            list = await ListAsync(session, product, cancellationToken);
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
        [.. list.Queued.Select(job => new DeltaJobLine(
            job.Platform, job.FromVersion, job.ToVersion, Word(job.Quality), Word(job.State), job.DoneBytes, job.TotalBytes,
            job.Attempts, job.Error.Length > 0 ? job.Error : null))],
        [.. list.Built.Select(delta => new DeltaLine(
            delta.Platform, delta.FromVersion, delta.ToVersion, Word(delta.Quality), !delta.Digest.IsEmpty, delta.Bytes,
            delta.Files, delta.TargetBytes, delta.Digest.IsEmpty ? null : Convert.ToHexStringLower(delta.Digest.Span),
            delta.BuiltUnixSeconds, delta.UsedUnixSeconds))]);

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
                Terminal.WriteLine("The server makes no deltas (its setting Deltas:Workers is 0).");
            Terminal.WriteLine("");
        }

        var built = new TextTable("platform", "from", "to", "quality", "size", "files", "gives", "built", "used");
        foreach (var delta in report.Built)
            built.Add(delta.Platform, delta.From, delta.To, delta.Quality,
                delta.IsStored ? Printable.Bytes(delta.Bytes) : "not stored", delta.Files.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(delta.TargetBytes), Printable.Time(delta.BuiltUnixSeconds), Printable.Time(delta.UsedUnixSeconds));
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

/// <summary>What <c>deltas --json</c> answers.</summary>
internal sealed record DeltaReport(bool IsBuilding, IReadOnlyList<DeltaJobLine> Queued, IReadOnlyList<DeltaLine> Built);

/// <summary>A delta that is to be made.</summary>
internal sealed record DeltaJobLine(string Platform, string From, string To, string Quality, string State, ulong DoneBytes,
    ulong TotalBytes, uint Attempts, string? Error);

/// <summary>A delta that was made; stored unless chunks are as cheap.</summary>
internal sealed record DeltaLine(string Platform, string From, string To, string Quality, bool IsStored, ulong Bytes, ulong Files,
    ulong TargetBytes, string? Digest, long BuiltUnixSeconds, long UsedUnixSeconds);
