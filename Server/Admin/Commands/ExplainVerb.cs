using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Admin;

/// <summary><c>explain</c>: where every byte of an upgrade goes.</summary>
internal sealed class ExplainVerb : AdminVerb
{
    private const int MaxShown = 40;

    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _old = new("OLD") { Description = "The version that is held." };

    private readonly Argument<string> _new = new("NEW") { Description = "The version to upgrade to." };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Needed where a version is there for more than one.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    public ExplainVerb(AdminContext context) : base(context, "explain",
        "Says where every byte of an upgrade goes: by cause and by file, with the evidence that decided the cause. "
        + "Bytes are "
        + "those of file content; the manifest comes on top.",
        "ota-admin explain app 1.4.0 1.5.0",
        "ota-admin explain app 1.4.0 1.5.0 --platform linux-x64 --json")
    {
        Add(_product);
        Add(_old);
        Add(_new);
        Add(_platform);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var report = await ExplainAsync(
            session,
            await FindAsync(session, parsed, _old, cancellationToken),
            await FindAsync(session, parsed, _new, cancellationToken),
            cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.ExplainReport);
        else
            Write(report);
    }

    private Task<Release> FindAsync(
        Session session, ParseResult parsed, Argument<string> version, CancellationToken cancellationToken) =>
        PublishedReleases.FindAsync(
            session, parsed.GetRequiredValue(_product), parsed.GetRequiredValue(version), parsed.GetValue(_platform),
            cancellationToken);

    private static async Task<ExplainReport> ExplainAsync(
        Session session, Release old, Release wanted, CancellationToken cancellationToken)
    {
        using var call = session.Releases.ExplainUpdate(
            new ExplainUpdateRequest
            {
                FromManifestDigest = old.Manifest.Digest,
                ManifestDigest = wanted.Manifest.Digest
            },
            cancellationToken: cancellationToken);
        var cost = new UpdateCost();
        List<FileCostLine> files = [];
        await foreach (var part in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            cost = part.Cost ?? cost;
            files.AddRange(part.Files.Select(Line));
        }

        var causes = files.GroupBy(file => file.Cause)
            .Select(group => new CauseLine(
                group.Key, group.Count(), (ulong)group.Sum(
                    file => (long)file.SizeBytes), (ulong)group.Sum(file => (long)file.Bytes)))
            .OrderByDescending(cause => cause.Bytes).ThenBy(cause => cause.Cause, StringComparer.Ordinal);
        return new ExplainReport
        {
            Product = wanted.Product,
            Platform = wanted.Platform,
            From = old.Version,
            To = wanted.Version,
            ChunkBytes = cost.ChunkBytes,
            DeltaBytes = cost.DeltaBytes == 0 ? null : cost.DeltaBytes,
            DeltaQuality =
                cost.DeltaQuality switch { DeltaQuality.Best => "best", DeltaQuality.Quick => "quick", _ => null },
            KeptFiles = cost.KeptFiles,
            KeptBytes = cost.KeptBytes,
            TreeBytes = cost.TreeBytes,
            Causes = [.. causes],
            Files = files,
        };
    }

    private static FileCostLine Line(FileCost file) => new()
    {
        Path = file.Path,
        BasePath = file.BasePath.Length > 0 ? file.BasePath : null,
        Source = file.Source switch { FileSource.Copy => "copy", FileSource.Delta => "delta", _ => "chunks" },
        Cause = Word(file.Cause),
        SizeBytes = file.Size,
        Bytes = file.Bytes,
        Evidence = file.Evidence,
        Hint = file.Hint.Length > 0 ? file.Hint : null,
    };

    private static string Word(ChangeCause cause) => cause switch
    {
        ChangeCause.New => "new",
        ChangeCause.Moved => "moved",
        ChangeCause.Edited => "edited",
        ChangeCause.Shifted => "shifted",
        ChangeCause.Rebuilt => "rebuilt",
        ChangeCause.Recompressed => "recompressed",
        ChangeCause.Timestamp => "timestamp",
        _ => "unknown",
    };

    private void Write(ExplainReport report)
    {
        var delta = report.DeltaBytes is { } bytes
            ? $", by the {report.DeltaQuality} delta {Printable.Bytes(bytes)}"
            : ", no delta yet";
        Terminal.WriteLine($"{report.Product} {report.Platform} {report.From} -> {report.To}: by chunks "
            + $"{Printable.Bytes(report.ChunkBytes)}{delta}; {Printable.Count(report.KeptFiles, "file")} of "
            + $"{Printable.Bytes(report.KeptBytes)} stay as "
            + $"they are, of {Printable.Bytes(report.TreeBytes)}");
        Terminal.WriteLine("");
        var causes = new TextTable("cause", "files", "size", "sent");
        foreach (var cause in report.Causes)
            causes.Add(
                cause.Cause, cause.Files.ToString(CultureInfo.InvariantCulture), Printable.Bytes(cause.SizeBytes),
                Printable.Bytes(cause.Bytes));
        causes.WriteTo(Terminal);
        Terminal.WriteLine("");
        WriteFiles(
            [.. report.Files.OrderByDescending(file => file.Bytes).ThenBy(file => file.Path, StringComparer.Ordinal)]);
    }

    private void WriteFiles(List<FileCostLine> files)
    {
        var table = new TextTable("sent", "size", "by", "cause", "file", "evidence");
        foreach (var file in files.Take(MaxShown))
        {
            var from = file.BasePath is null || file.BasePath == file.Path ? "" : $" (from {file.BasePath})";
            table.Add(
                Printable.Bytes(file.Bytes), Printable.Bytes(file.SizeBytes), file.Source, file.Cause, file.Path + from,
                file.Evidence);
        }

        table.WriteWrappedTo(Terminal);
        if (files.Count > MaxShown)
            Terminal.WriteLine($"and {Printable.Count(files.Count - MaxShown, "more file")}, of "
                + $"{Printable.Bytes(files.Skip(MaxShown).Sum(file => (long)file.Bytes))} (--json lists them all)");
        foreach (var hint in files.Where(file => file.Hint is not null).GroupBy(file => (file.Cause, file.Hint)))
            Terminal.WriteLine($"hint: {hint.Key.Cause} ({Printable.Count(hint.Count(), "file")}): {hint.Key.Hint}");
    }
}
