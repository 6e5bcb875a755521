using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>confirm</c>: says that the current release works.</summary>
internal sealed class ConfirmVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    /// <summary>Makes the command.</summary>
    public ConfirmVerb(AgentContext context)
        : base(
            context,
            "confirm",
            "Says that the current release works, as an application does when it has started or a person who has "
            + "looked at it. Without a trial it changes nothing.",
            "ota-agent confirm editor") =>
        Add(_product);

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var agent = OpenAgent(parsed);
        var isKept = await agent.ConfirmAsync(product);
        var facts = agent.Get(product);
        if (IsJson(parsed))
            Terminal.WriteJson(facts, ReportJson.Product);
        else if (isKept)
            Terminal.WriteLine($"{product} {facts.Current?.FullVersion} is kept");
        else
            Terminal.WriteLine($"{product} {facts.Current?.FullVersion} is confirmed; other proofs are still missing");
        return 0;
    }
}
