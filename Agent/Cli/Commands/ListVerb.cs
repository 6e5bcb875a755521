using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>list</c>: lists the installed products.</summary>
internal sealed class ListVerb(AgentContext context)
    : AgentVerb(context, "list", "Lists the installed products.", "ota-agent list", "ota-agent list --json")
{
    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var agent = OpenAgent(parsed);
        var products = new List<ProductSummary>();
        var failures = new ProductFailures(Terminal, IsJson(parsed));
        foreach (var name in agent.ListNames())
        {
            await failures.TryAsync(name, product =>
            {
                products.Add(agent.Get(product));
                return Task.CompletedTask;
            });
        }
        if (IsJson(parsed))
            Terminal.WriteJson(new InstalledList(products, failures.Failed, failures.Worst), ReportJson.Products);
        else
        {
            foreach (var product in products)
            {
                Terminal.WriteLine(
                    $"{product.Product} {product.Current?.FullVersion ?? "none"} {product.Platform} {product.Channel}");
            }
        }
        return failures.ExitCode;
    }
}
