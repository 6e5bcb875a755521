using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>The context of every verb of ota-agent.</summary>
/// <param name="Home">The options that all verbs share.</param>
/// <param name="Terminal">Standard input and output.</param>
/// <param name="Clock">The clock.</param>
internal sealed record AgentContext(HomeOptions Home, Terminal Terminal, TimeProvider Clock)
    : VerbContext(Home, Terminal, Clock);

/// <summary>A verb of ota-agent.</summary>
internal abstract class AgentVerb(
    AgentContext context, string name, string description, params ReadOnlySpan<string> examples)
    : Verb(context, name, description, examples)
{
    protected UpdateAgent OpenAgent(ParseResult parsed) =>
        new(context.Home.ToAgentOptions(parsed), Clock);

    /// <summary>Finds the product that is named, or all installed ones.</summary>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>.</exception>
    protected IReadOnlyList<ProductFacts> Named(ParseResult parsed, Argument<string?> product)
    {
        var agent = OpenAgent(parsed);
        if (parsed.GetValue(product) is { } name)
            return [agent.Get(name)];
        var all = agent.List();
        return all.Count > 0
            ? all
            : throw new ChunkOtaException(
                ErrorCodes.NotInstalled, $"nothing is installed in {context.Home.ToAgentOptions(parsed).Home}");
    }

    protected static Argument<string> Product() => new("PRODUCT") { Description = "The product." };

    protected static Argument<string?> OptionalProduct() => new("PRODUCT")
    {
        Description = "The product; all installed ones when left out.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    protected static Option<bool> DryRun() => new("--dry-run")
    {
        Description = "Show what would be done, and do nothing.",
    };

    protected static Option<int> Keep() => new("--keep")
    {
        Description = "The number of releases that stay installed; the current one and the one before always do.",
        HelpName = "N",
        DefaultValueFactory = _ => 2,
    };
}
