using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>revert</c>: makes the previous release current again, without a server.</summary>
internal sealed class RevertVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    /// <summary>Makes the command.</summary>
    public RevertVerb(AgentContext context)
        : base(
            context,
            "revert",
            "Makes the previous release current again, without contacting a server.",
            "ota-agent revert editor") =>
        Add(_product);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var agent = OpenAgent(parsed);
        var before = agent.Get(product).Current?.Version ?? "";
        var now = agent.Revert(product, cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(new RevertReport(product, now.Version, before), ReportJson.Revert);
        else
            Terminal.WriteLine($"reverted {product} {now.Version}");
        return Task.FromResult(0);
    }
}
