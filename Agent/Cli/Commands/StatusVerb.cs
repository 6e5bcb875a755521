using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>status</c>: shows what runs; exit code 3 when a channel is stale.</summary>
internal sealed class StatusVerb : AgentVerb
{
    private readonly Argument<string?> _product = OptionalProduct();

    /// <summary>Makes the command.</summary>
    public StatusVerb(AgentContext context)
        : base(
            context,
            "status",
            "Shows what runs and whether its channel is up to date; exits with 3 if a channel is stale.",
            "ota-agent status",
            "ota-agent status editor --json") =>
        Add(_product);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var products = Named(parsed, _product);
        if (IsJson(parsed))
            Terminal.WriteJson(new InstalledList(products), ReportJson.Products);
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
        { IsStale: true } => "STALE: the channel pointer has expired; its publisher must renew it",
        _ => "ok",
    };
}
