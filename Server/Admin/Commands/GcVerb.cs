using System.CommandLine;
using ChunkOta.Chunking;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Admin;

/// <summary><c>gc</c>: frees what no release needs any more.</summary>
internal sealed class GcVerb : AdminVerb
{
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Only say what would be done: which releases go, and what it means for devices.",
    };

    private readonly Option<string?> _why = new("--why")
    {
        Description = "Only say why a release or a chunk is kept, or when it goes.",
        HelpName = "CHUNK|PRODUCT/VERSION",
    };

    public GcVerb(AdminContext context) : base(context, "gc",
        "Frees what no release needs: gives up releases that were deleted long enough ago, deletes those that no "
        + "channel keeps (channels keep), removes chunks and recipes that no release has, and rewrites packs that are "
        + "mostly unused. The server does the same by itself (its setting Collection:EveryHours). Publishes go on "
        + "meanwhile. Needs an admin token.",
        "ota-admin gc --dry-run",
        "ota-admin gc --json",
        "ota-admin gc --why app/1.4.0")
    {
        Add(_dryRun);
        Add(_why);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var why = parsed.GetValue(_why) is { } text ? ReadWhy(text) : null;
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        if (why is not null)
            await ExplainAsync(session, why, IsJson(parsed), cancellationToken);
        else if (parsed.GetValue(_dryRun))
            await PlanAsync(session, IsJson(parsed), cancellationToken);
        else
            await CollectAsync(session, parsed, cancellationToken);
    }

    /// <summary>A digest, or a product and a version.</summary>
    private static ExplainKeptRequest ReadWhy(string text)
    {
        if (Digest.TryParse(text, null, out var digest))
            return new ExplainKeptRequest { Chunk = digest.ToByteString() };
        if (text.Split('/') is not [var product, var version])
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"--why takes the digest of a chunk or PRODUCT/VERSION, not {OneLine.Of(text)}: try "
                + "ota-admin gc --why app/1.4.0");
        }

        Names.CheckProduct(product);
        return new ExplainKeptRequest
        {
            Release = new NamedRelease
            {
                Product = product,
                Version = ReleaseVersion.ParseWithBuild(version, out _).ToString(),
            },
        };
    }

    private async Task CollectAsync(Session session, ParseResult parsed, CancellationToken cancellationToken)
    {
        var work = await PublishProgress.ShowAsync(
            Terminal, Diagnostics(parsed), Clock,
            async progress =>
            {
                using var call = session.Administration.Collect(
                    new CollectRequest(), cancellationToken: cancellationToken);
                var last = new CollectResponse();
                await foreach (var response in call.ResponseStream.ReadAllAsync(cancellationToken))
                {
                    if (response.Step != last.Step)
                    {
                        if (last.Step != CollectionStep.Unspecified) progress.End("done");
                        progress.Begin(Word(response.Step), 0);
                    }

                    last = response;
                }

                progress.End("done");
                return last.Work ?? new CollectionWork();
            });
        var report = CollectionLine.Of(work);
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.CollectionLine);
        else
            Terminal.WriteLine(
                $"{Printable.Count(report.Releases, "release")}, {Printable.Count(report.Recipes, "recipe")} and "
                + $"{Printable.Count(report.Chunks, "chunk")} are gone, "
                + $"{Printable.Count(report.CompactedPacks, "pack")} compacted, "
                + $"{Printable.Bytes(report.Bytes)} freed in {Printable.Count(report.Objects, "object")}");
    }

    private async Task PlanAsync(Session session, bool isJson, CancellationToken cancellationToken)
    {
        var plan = CollectionPlanReport.Of(
            await session.Administration.PlanCollectionAsync(new PlanCollectionRequest(), cancellationToken));
        if (isJson)
            Terminal.WriteJson(plan, AdminJson.Default.CollectionPlanReport);
        else
            plan.WriteTo(Terminal);
    }

    private async Task ExplainAsync(
        Session session, ExplainKeptRequest why, bool isJson, CancellationToken cancellationToken)
    {
        var report = KeptReport.Of(await session.Administration.ExplainAsync(why, cancellationToken));
        if (isJson)
            Terminal.WriteJson(report, AdminJson.Default.KeptReport);
        else
            report.WriteTo(Terminal);
    }

    private static string Word(CollectionStep step) => step switch
    {
        CollectionStep.Releases => "deleting releases",
        CollectionStep.Marking => "reading releases",
        CollectionStep.Condemning => "looking for unused chunks",
        CollectionStep.Removing => "removing unused chunks",
        CollectionStep.Compacting => "compacting packs",
        CollectionStep.Orphans => "looking for unknown objects",
        _ => "deleting objects",
    };
}
