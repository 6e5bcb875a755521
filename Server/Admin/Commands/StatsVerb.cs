using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>stats</c>: how much of what is released is stored, and how small.</summary>
internal sealed class StatsVerb : AdminVerb
{
    private readonly Argument<string?> _product = new Argument<string?>("PRODUCT")
    {
        Description = "Only this product's.",
        Arity = ArgumentArity.ZeroOrOne,
    }.FromEnvironment("OTA_PRODUCT");

    public StatsVerb(AdminContext context) : base(context, "stats",
        "Says how chunks are reused. Dedup is logical bytes / distinct plain bytes, compression is plain bytes / "
        + "stored bytes; "
        + "reused is how much of a release was in the store before it came.",
        "ota-admin stats",
        "ota-admin stats app --json") => Add(_product);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var stats = await session.Administration.GetStatsAsync(
            new GetStatsRequest { Product = parsed.GetValue(_product) ?? "" }, cancellationToken: cancellationToken);
        var report = Report(stats);
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.StatsReport);
        else
            Write(report);
    }

    /// <summary>A quotient; null where there is nothing to divide by.</summary>
    internal static double? Factor(ulong whole, ulong part) => part == 0 ? null : Math.Round((double)whole / part, 4);

    private static StatsReport Report(GetStatsResponse stats) => new(
        [.. stats.Releases.Select(release => new ReleaseReuse
        {
            Product = release.Product,
            Platform = release.Platform,
            Version = release.Version,
            Counter = release.Counter,
            Files = release.Figures.Files,
            LogicalBytes = release.Figures.LogicalBytes,
            DistinctPlainBytes = release.Figures.DistinctPlainBytes,
            Chunks = release.Figures.Chunks,
            DistinctChunks = release.Figures.DistinctChunks,
            NewChunks = release.Figures.NewChunks,
            NewPlainBytes = release.Figures.NewPlainBytes,
            NewStoredBytes = release.Figures.NewStoredBytes,
            DedupFactor = Factor(release.Figures.LogicalBytes, release.Figures.DistinctPlainBytes),
            CompressionFactor = Factor(release.Figures.NewPlainBytes, release.Figures.NewStoredBytes),
            ReusedShare = Factor(
                release.Figures.DistinctPlainBytes - release.Figures.NewPlainBytes, release.Figures.DistinctPlainBytes),
        })],
        [.. stats.Products.Select(product => new ProductReuse
        {
            Product = product.Product,
            Releases = product.Releases,
            LogicalBytes = product.LogicalBytes,
            DistinctPlainBytes = product.DistinctPlainBytes,
            StoredBytes = product.StoredBytes,
            DedupFactor = Factor(product.LogicalBytes, product.DistinctPlainBytes),
            CompressionFactor = Factor(product.DistinctPlainBytes, product.StoredBytes),
        })],
        new StoreUse
        {
            Packs = stats.Store.Packs,
            Chunks = stats.Store.Chunks,
            PlainBytes = stats.Store.PlainBytes,
            StoredBytes = stats.Store.StoredBytes,
            Recipes = stats.Store.Recipes,
            Devices = stats.Store.Devices,
            LostObjects = stats.Store.LostObjects,
            QuickScrubUnixSeconds = Known.OrNull(stats.Store.QuickScrubUnixSeconds),
            FullScrubUnixSeconds = Known.OrNull(stats.Store.FullScrubUnixSeconds),
            UpdatingDevices = stats.Store.UpdatingDevices,
            WaitingDevices = stats.Store.WaitingDevices,
            UpdateBytesPerSecond = stats.Store.UpdateBytesPerSecond,
            Collection = CollectionStateLine.Of(stats.Store.Collection ?? new CollectionReport()),
            CompressionFactor = Factor(stats.Store.PlainBytes, stats.Store.StoredBytes),
        });

    private void Write(StatsReport report)
    {
        var releases = new TextTable(
            "release", "platform", "logical", "dedup", "reused", "new plain", "new stored", "compression");
        foreach (var release in report.Releases)
        {
            releases.Add(
                $"{release.Product} {release.Version}", release.Platform, Printable.Bytes(release.LogicalBytes),
                Printable.Factor(release.DedupFactor), Printable.Share(release.ReusedShare),
                Printable.Bytes(release.NewPlainBytes), Printable.Bytes(release.NewStoredBytes),
                Printable.Factor(release.CompressionFactor));
        }

        releases.WriteTo(Terminal);
        Terminal.WriteLine("");
        var products = new TextTable(
            "product", "releases", "logical", "distinct plain", "stored", "dedup", "compression");
        foreach (var product in report.Products)
        {
            products.Add(product.Product, product.Releases.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(product.LogicalBytes), Printable.Bytes(product.DistinctPlainBytes),
                Printable.Bytes(product.StoredBytes), Printable.Factor(product.DedupFactor),
                Printable.Factor(product.CompressionFactor));
        }

        products.WriteTo(Terminal);
        Terminal.WriteLine("");
        Terminal.WriteLine(
            $"store: {Printable.Count(report.Store.Chunks, "chunk")}, {Printable.Bytes(report.Store.PlainBytes)} plain "
            + $"in {Printable.Count(report.Store.Packs, "pack")} of {Printable.Bytes(report.Store.StoredBytes)}, "
            + $"{Printable.Count(report.Store.Recipes, "recipe")}, {Printable.Count(report.Store.Devices, "device")}");
        Terminal.WriteLine(
            $"verified: quick {Printable.Time(report.Store.QuickScrubUnixSeconds)}, "
            + $"full {Printable.Time(report.Store.FullScrubUnixSeconds)}, "
            + (report.Store.LostObjects == 0
                ? "nothing lost"
                : $"{Printable.Count(report.Store.LostObjects, "object")} lost: run ota-admin verify"));
        Terminal.WriteLine(report.Store.Collection.Describe());
        if (report.Store.UpdatingDevices > 0)
        {
            Terminal.WriteLine(
                $"updating now: {Printable.Count(report.Store.UpdatingDevices, "device")}, "
                + $"{report.Store.WaitingDevices} of them waiting, "
                + $"{Printable.Bytes(report.Store.UpdateBytesPerSecond)}/s");
        }
    }
}
