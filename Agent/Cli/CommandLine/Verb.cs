using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>What every verb is given: the options that all share, where to write, and the clock.</summary>
/// <param name="Common">The shared options.</param>
/// <param name="Terminal">Standard output and error.</param>
/// <param name="Clock">The time of day.</param>
internal sealed record VerbContext(CommonOptions Common, Terminal Terminal, TimeProvider Clock);

/// <summary>A command: what it takes, what it does, how it is used.</summary>
internal abstract class Verb : Command, IWithExamples
{
    protected Verb(VerbContext context, string name, string description, params ReadOnlySpan<string> examples)
        : base(name, description)
    {
        Context = context;
        Examples = examples.ToArray();
        SetAction(RunAsync);
    }

    /// <summary>Whole command lines.</summary>
    public IReadOnlyList<string> Examples { get; }

    protected VerbContext Context { get; }

    protected Terminal Terminal => Context.Terminal;

    /// <summary>Does it. Whatever goes wrong is thrown.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken);

    protected bool IsJson(ParseResult parsed) => parsed.GetValue(Context.Common.Json);

    protected UpdateAgent OpenAgent(ParseResult parsed) =>
        new(Context.Common.ToAgentOptions(parsed), Context.Clock);

    /// <summary>The product that is named, or all installed ones.</summary>
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
                ErrorCodes.NotInstalled, $"nothing is installed in {Context.Common.ToAgentOptions(parsed).Home}");
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
        Description = "How many releases stay installed; the current one and the one before always do.",
        HelpName = "N",
        DefaultValueFactory = _ => 2,
    };
}
