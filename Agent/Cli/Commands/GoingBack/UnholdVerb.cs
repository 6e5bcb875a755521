using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>unhold</c>: lets a product follow its channel again.</summary>
internal sealed class UnholdVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    /// <summary>Makes the command.</summary>
    public UnholdVerb(AgentContext context)
        : base(
            context,
            "unhold",
            "Lets a product follow its channel again: after hold, after revert, and after a release that did not work "
            + "here.",
            "ota-agent unhold editor") =>
        Add(_product);

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var agent = OpenAgent(parsed);
        agent.Unhold(product);
        var facts = agent.Get(product);
        if (IsJson(parsed))
            Terminal.WriteJson(facts, ReportJson.Product);
        else
            Terminal.WriteLine($"{product} follows {facts.Channel} again");
        return Task.FromResult(0);
    }
}
