using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>hold</c>: keeps a product at its release until <c>unhold</c>.</summary>
internal sealed class HoldVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    /// <summary>Makes the command.</summary>
    public HoldVerb(AgentContext context)
        : base(
            context,
            "hold",
            "Keeps a product at its release: upgrades leave it alone until it is let go by unhold. Naming a version in "
            + "install or upgrade still changes it.",
            "ota-agent hold editor") =>
        Add(_product);

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var agent = OpenAgent(parsed);
        agent.Hold(product);
        var facts = agent.Get(product);
        if (IsJson(parsed))
            Terminal.WriteJson(facts, ReportJson.Product);
        else
            Terminal.WriteLine($"{product} is held at {facts.Current?.FullVersion}");
        return Task.FromResult(0);
    }
}
