using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>products list</c>: the products of the server.</summary>
internal sealed class ProductsListVerb(AdminContext context) : AdminVerb(context, "list", "Lists the products.",
    "ota-admin products list")
{
    /// <summary>Enough of a digest for people to compare; <c>--json</c> has all.</summary>
    private const int ShownDigits = 16;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var listed = await session.Administration.ListProductsAsync(
            new ListProductsRequest(), cancellationToken: cancellationToken);
        var lines = listed.Products.Select(product => new ProductLine
        {
            Product = product.Name,
            Releases = product.Releases,
            RootDigest = product.FirstRootDigest.ToDigest().ToString(),
            RootVersion = product.RootVersion,
            RootExpiresUnixSeconds = product.RootExpiresUnixSeconds,
            StoredBytes = product.StoredBytes,
            QuotaBytes = product.HasQuotaBytes ? product.QuotaBytes : null,
            IsIsolated = product.IsIsolated,
            CutMinBytes = product.Cut.MinBytes,
            CutAverageBytes = product.Cut.AverageBytes,
            CutMaxBytes = product.Cut.MaxBytes,
        }).ToList();
        var warnings = await RenewalWarnings.FindAsync(session, null, Clock.GetUtcNow(), cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new ProductList(lines, warnings), AdminJson.Default.ProductList);
            return;
        }

        var table = new TextTable(
            "product", "releases", "stored", "quota", "dedup", "cut KiB", "root expires", "root");
        foreach (var line in lines)
        {
            table.Add(line.Product, line.Releases.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(line.StoredBytes),
                line.QuotaBytes is { } quota ? Printable.Bytes(quota) : "none",
                line.IsIsolated ? "product" : "store",
                $"{line.CutMinBytes / 1024}/{line.CutAverageBytes / 1024}/{line.CutMaxBytes / 1024}",
                Printable.Time(line.RootExpiresUnixSeconds), line.RootDigest[..ShownDigits]);
        }

        table.WriteTo(Terminal);
        Warn(warnings);
    }
}
