using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>run</c>: starts a program of the current release.</summary>
internal sealed class LaunchVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    private readonly Argument<string[]> _command = new("PROGRAM")
    {
        Description = "After --, the path of a program below HOME/PRODUCT/current, and its arguments.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Makes the command.</summary>
    public LaunchVerb(AgentContext context)
        : base(
            context,
            "run",
            "Starts a program of the current release. While a release on trial has to be started (Health:NeedsStart), "
            + "it counts the starts, and goes back to the release before when too many have failed. Its exit code is "
            + "the program's.",
            "ota-agent run editor -- bin/editor --port 8080")
    {
        Add(_product);
        Add(_command);
    }

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override bool HasOwnSignals => true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        OpenAgent(parsed).RunAsync(
            parsed.GetRequiredValue(_product),
            parsed.GetRequiredValue(_command),
            warning => Terminal.Error.WriteLine($"warning: {OneLine.Of(warning)}"));
}
