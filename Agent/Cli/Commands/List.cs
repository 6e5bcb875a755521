using System.CommandLine;

namespace ChunkOta.Agent.Cli;

/// <summary><c>list</c>: what is installed.</summary>
internal sealed class List(VerbContext context)
    : Verb(context, "list", "Lists what is installed.", "ota-agent list", "ota-agent list --json")
{
    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var products = OpenProducts(parsed).List();
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new ProductList(products), CliJson.Default.ProductList);
            return Task.FromResult(0);
        }
        foreach (var product in products)
            Terminal.WriteLine($"{product.Product} {product.Current?.Version} {product.Platform} {product.Channel}");
        return Task.FromResult(0);
    }
}
