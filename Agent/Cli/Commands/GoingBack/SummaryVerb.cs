using System.CommandLine;

namespace ChunkOta.Agent.Cli;

/// <summary>A verb that changes something about one product and answers with the product's summary.</summary>
internal abstract class SummaryVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    protected SummaryVerb(AgentContext context, string name, string description)
        : base(context, name, description, $"ota-agent {name} editor") => Add(_product);

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var agent = OpenAgent(parsed);
        var describe = await ChangeAsync(agent, product);
        var summary = agent.Get(product);
        if (IsJson(parsed))
            Terminal.WriteJson(summary, ReportJson.Product);
        else
            Terminal.WriteLine(describe(summary));
        return 0;
    }

    /// <summary>Makes the change.</summary>
    /// <param name="agent">The engine.</param>
    /// <param name="product">The product's name.</param>
    /// <returns>Describes in one line what the product is now.</returns>
    protected abstract Task<Func<ProductSummary, string>> ChangeAsync(UpdateAgent agent, string product);
}
