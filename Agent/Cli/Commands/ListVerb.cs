using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>list</c>: lists the installed products.</summary>
internal sealed class ListVerb(AgentContext context)
    : AgentVerb(context, "list", "Lists the installed products.", "ota-agent list", "ota-agent list --json")
{
    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var products = OpenAgent(parsed).List();
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new InstalledList(products), ReportJson.Products);
            return Task.FromResult(0);
        }
        foreach (var product in products)
            Terminal.WriteLine($"{product.Product} {product.Current?.Version} {product.Platform} {product.Channel}");
        return Task.FromResult(0);
    }
}
