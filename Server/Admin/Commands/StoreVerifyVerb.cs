using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>verify</c>: lets the server verify its store, and lists what it lost.</summary>
internal sealed class StoreVerifyVerb : AdminVerb
{
    private readonly Option<bool> _full = new("--full")
    {
        Description = "Read and hash every byte; without it, look whether every object is there with its length, and "
            + "read manifests, recipes and the trailers of packs.",
    };

    private readonly Option<string?> _product = new Option<string?>("--product")
    {
        Description = "List the releases of this product alone. The whole store is verified all the same, because "
            + "products share objects.",
        HelpName = "PRODUCT",
    }.FromEnvironment("OTA_PRODUCT");

    public StoreVerifyVerb(AdminContext context) : base(context, "verify",
        "Lets the server verify its store, and lists what is missing or damaged, with the releases and devices that it "
        + "affects; exits with 8 if anything is. What is lost is sent again by the next publish of a release with "
        + "that content, also of the same release. The server reads no faster than its setting Scrub:BytesPerSecond, "
        + "and goes on if you leave.",
        "ota-admin verify",
        "ota-admin verify --full --json",
        "ota-admin verify --product app")
    {
        Add(_full);
        Add(_product);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = new VerifyRequest
        {
            Full = parsed.GetValue(_full),
            Product = parsed.GetValue(_product) ?? "",
        };
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var whole = await PublishProgress.ShowAsync(
            Terminal, Diagnostics(parsed), Clock, progress => ReadAsync(session, request, progress, cancellationToken));
        var report = Report(request, whole);
        Reported = report.IsIntact ? null : FailureOf(report);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(
                report with { Error = Reported is null ? null : ErrorReport.Of(Reported) },
                AdminJson.Default.StoreVerifyReport);
            return;
        }

        Write(report);
        if (Reported is not null) Terminal.WriteFailure(Reported);
    }

    private static ChunkOtaException FailureOf(StoreVerifyReport report) => new(
        ErrorCodes.ObjectDamaged,
        report.CatalogueProblem is null
            ? $"the store is not whole: {Printable.Count(report.LostObjects.Count, "object")} lost, "
                + $"{Printable.Count(report.Releases.Count, "release")} affected: publish them again"
            : "the catalogue is damaged: restore it from a backup, or rebuild it with ota-server reindex");

    /// <summary>Follows the pass to its end, and collects the answer.</summary>
    private static async Task<VerifyResponse> ReadAsync(
        Session session, VerifyRequest request, IPublishProgress progress, CancellationToken cancellationToken)
    {
        var whole = new VerifyResponse();
        using var call = session.Administration.Verify(request, cancellationToken: cancellationToken);
        var done = 0UL;
        var hasBegun = false;
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            var part = call.ResponseStream.Current;
            if (part.Progress is { } state)
            {
                if (!hasBegun) progress.Begin("verifying", (long)state.TotalBytes);
                hasBegun = true;
                progress.Advance((long)(state.Bytes - Math.Min(done, state.Bytes)));
                done = state.Bytes;
                part.Progress = null;
            }

            if (part.Summary is { } summary && hasBegun)
                progress.End($"{Printable.Count(summary.Objects, "object")}, {Printable.Bytes(summary.Bytes)} read");
            whole.MergeFrom(part);
        }

        return whole;
    }

    private static StoreVerifyReport Report(VerifyRequest request, VerifyResponse answer)
    {
        var problem = answer.Summary?.CatalogueProblem is { Length: > 0 } found ? found : null;
        return new StoreVerifyReport
        {
            IsIntact = problem is null && answer.Releases.Count == 0
                && (answer.Objects.Count == 0 || request.Product.Length > 0),
            Full = request.Full,
            Objects = answer.Summary?.Objects ?? 0,
            Bytes = answer.Summary?.Bytes ?? 0,
            CatalogueProblem = problem,
            LostObjects =
            [
                .. answer.Objects.Select(lost => Line(
                    lost, [.. answer.Releases.Where(release => release.Objects.Contains(lost.Name))])),
            ],
            Releases = [.. answer.Releases.Select(Line)],
        };
    }

    private static LostObjectLine Line(LostObject lost, IReadOnlyList<AffectedRelease> affected) => new()
    {
        Name = lost.Name,
        Missing = lost.IsMissing,
        Frames = lost.Frames,
        Chunks = lost.Chunks,
        FoundUnixSeconds = lost.FoundUnixSeconds,
        Detail = lost.Detail,
        Releases = [.. affected.Select(release => $"{release.Product} {release.Version} ({release.Platform})")],
        RunningDevices = (ulong)affected.Sum(release => (long)release.RunningDevices),
        FollowingDevices = (ulong)affected.Sum(release => (long)release.FollowingDevices),
    };

    private static AffectedReleaseLine Line(AffectedRelease affected) => new()
    {
        Product = affected.Product,
        Platform = affected.Platform,
        Version = affected.Version,
        Channels = [.. affected.Channels],
        LacksManifest = affected.LacksManifest,
        Files = affected.Files,
        FirstPath = affected.FirstPath.Length > 0 ? affected.FirstPath : null,
        RunningDevices = affected.RunningDevices,
        FollowingDevices = affected.FollowingDevices,
    };

    private void Write(StoreVerifyReport report)
    {
        if (report.CatalogueProblem is { } problem)
            Terminal.WriteLine($"catalogue: {OneLine.Of(problem)}");
        if (report.LostObjects.Count > 0)
        {
            var objects = new TextTable(
                "object", "lost", "chunks", "releases", "running", "following", "found", "detail");
            foreach (var lost in report.LostObjects)
            {
                objects.Add(
                    lost.Name,
                    lost.Missing ? "missing" : lost.Frames > 0 ? Printable.Count(lost.Frames, "frame") : "damaged",
                    lost.Chunks.ToString(CultureInfo.InvariantCulture),
                    lost.Releases.Count.ToString(CultureInfo.InvariantCulture),
                    lost.RunningDevices.ToString(CultureInfo.InvariantCulture),
                    lost.FollowingDevices.ToString(CultureInfo.InvariantCulture),
                    Printable.Time(lost.FoundUnixSeconds),
                    OneLine.Of(lost.Detail));
            }

            objects.WriteTo(Terminal);
            Terminal.WriteLine("");
        }

        if (report.Releases.Count > 0)
        {
            var releases = new TextTable("release", "platform", "current in", "lacks", "running", "following");
            foreach (var release in report.Releases)
            {
                releases.Add(
                    $"{release.Product} {release.Version}", release.Platform, string.Join(", ", release.Channels),
                    release.LacksManifest
                        ? "its manifest"
                        : $"{Printable.Count(release.Files, "file")}, such as {OneLine.Of(release.FirstPath ?? "")}",
                    release.RunningDevices.ToString(CultureInfo.InvariantCulture),
                    release.FollowingDevices.ToString(CultureInfo.InvariantCulture));
            }

            releases.WriteTo(Terminal);
            Terminal.WriteLine("");
        }

        if (report.IsIntact)
            Terminal.WriteLine(
                $"intact: {Printable.Count(report.Objects, "object")}, {Printable.Bytes(report.Bytes)} read");
    }
}
