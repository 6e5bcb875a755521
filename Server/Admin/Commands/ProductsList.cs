using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>products list</c>: the products of the server.</summary>
internal sealed class ProductsList(AdminContext context) : AdminVerb(context, "list", "Lists the products.",
    "ota-admin products list")
{
    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var listed = await session.Administration.ListProductsAsync(
            new ListProductsRequest(), cancellationToken: cancellationToken);
        var lines = listed.Products.Select(product => new ProductLine(
            product.Name, product.Releases, product.FirstRootDigest.ToDigest().ToString(), product.RootVersion,
            product.RootExpiresUnixSeconds, product.Cut.MinBytes, product.Cut.AverageBytes, product.Cut.MaxBytes)).ToList();
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new ProductList(lines), AdminJson.Default.ProductList);
            return;
        }

        var table = new TextTable("product", "releases", "cut KiB", "root expires", "root");
        foreach (var line in lines)
        {
            table.Add(line.Product, line.Releases.ToString(CultureInfo.InvariantCulture),
                $"{line.CutMinBytes / 1024}/{line.CutAverageBytes / 1024}/{line.CutMaxBytes / 1024}",
                Printable.Time(line.RootExpiresUnixSeconds), line.RootDigest);
        }

        table.WriteTo(Terminal);
    }
}

/// <summary>What <c>products list --json</c> answers.</summary>
internal sealed record ProductList(IReadOnlyList<ProductLine> Products);

/// <summary>A product.</summary>
internal sealed record ProductLine(string Product, ulong Releases, string RootDigest, ulong RootVersion,
    long RootExpiresUnixSeconds, uint CutMinBytes, uint CutAverageBytes, uint CutMaxBytes);
