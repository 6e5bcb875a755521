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
    private const int FewestKept = 2;

    /// <summary>Returns the value of an option; null where it was not given.</summary>
    protected static T? Given<T>(ParseResult parsed, Option<T> option)
        where T : struct => parsed.GetResult(option) is null ? null : parsed.GetValue(option);

    protected UpdateAgent OpenAgent(ParseResult parsed) => new(OptionsOf(parsed), Clock);

    protected AgentOptions OptionsOf(ParseResult parsed) => context.Home.ToAgentOptions(parsed, Terminal);

    /// <summary>Returns the absolute path of the agent's folder.</summary>
    protected string HomeOf(ParseResult parsed) => context.Home.ToAgentOptions(parsed, Terminal).Home;

    protected AgentSettings LoadSettings(ParseResult parsed) => context.Home.LoadSettings(parsed);

    /// <summary>The terminal for progress and notes: none for those who asked for quiet.</summary>
    protected Terminal Notes(ParseResult parsed) => context.Home.Diagnostics(parsed, Terminal).SaysProgress
        ? Terminal
        : Terminal with { Error = TextWriter.Null, IsErrorTerminal = false };

    /// <summary>Lists the product that is named, or all installed ones.</summary>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>.</exception>
    protected IReadOnlyList<string> Named(ParseResult parsed, Argument<string?> product)
    {
        if (parsed.GetValue(product) is { } name)
            return [name];
        var all = OpenAgent(parsed).ListNames();
        return all.Count > 0
            ? all
            : throw new ChunkOtaException(
                ErrorCodes.NotInstalled,
                $"nothing is installed in {HomeOf(parsed)}");
    }

    /// <summary>Does something for the product that is named, and throws its failure; or for each installed one, going
    /// on with the next where one fails.</summary>
    /// <returns>The failures, each already written unless the answer is JSON.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>; for a named product, any.</exception>
    protected async Task<ProductFailures> ForEachAsync(
        ParseResult parsed, Argument<string?> product, Func<string, Task> action)
    {
        var failures = new ProductFailures(Terminal, IsJson(parsed));
        foreach (var name in Named(parsed, product))
        {
            if (parsed.GetValue(product) is not null)
                await action(name);
            else if (!await failures.TryAsync(name, action))
                break;
        }
        return failures;
    }

    protected static Argument<string> Product() => new("PRODUCT") { Description = "The product." };

    protected static Argument<string?> OptionalProduct() => new("PRODUCT")
    {
        Description = "The product; all installed ones when left out.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    protected static Option<bool> DryRun() => new("--dry-run", "-n")
    {
        Description = "Show what would be done, and do nothing.",
    };

    protected static Option<int> Keep() => new Option<int>("--keep")
    {
        Description = "The number of releases that stay installed, 2 or more: the current one and the one before "
            + "always do. Default: the setting Products:NAME:Keep, else 2.",
        HelpName = "N",
    }.Between(FewestKept);
}
