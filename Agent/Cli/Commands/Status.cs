using System.CommandLine;

namespace ChunkOta.Agent.Cli;

/// <summary><c>status</c>: whether products are as they should be; 3 when a channel has gone stale.</summary>
internal sealed class Status : Verb
{
    private readonly Argument<string?> _product = OptionalProduct();

    /// <summary>Makes the command.</summary>
    public Status(VerbContext context)
        : base(
            context,
            "status",
            "Says what runs and whether its channel is fresh; exits with 3 when one is stale.",
            "ota-agent status",
            "ota-agent status editor --json") =>
        Add(_product);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var products = Named(parsed, _product);
        if (IsJson(parsed))
            Terminal.WriteJson(new ProductList(products), CliJson.Default.ProductList);
        else
        {
            foreach (var product in products)
                Terminal.WriteLine($"{product.Product} {product.Current?.Version} {Word(product)}");
        }
        return Task.FromResult(products.Any(product => product.IsStale) ? Protos.ExitCodes.Expired : 0);
    }

    private static string Word(ProductFacts product) => product switch
    {
        { IsInterrupted: true } => "interrupted: run upgrade again",
        { IsStale: true } => "STALE: its channel pointer has expired, the publisher must renew it",
        _ => "ok",
    };
}
