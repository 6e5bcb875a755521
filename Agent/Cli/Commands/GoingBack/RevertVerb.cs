using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>revert</c>: makes an older release current again, without a server.</summary>
internal sealed class RevertVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    private readonly Option<string?> _to = new("--to")
    {
        Description = "The version to go back to; it must be installed (ota-agent show lists them). Default: the one "
            + "before the current one.",
        HelpName = "V",
    };

    /// <summary>Makes the command.</summary>
    public RevertVerb(AgentContext context)
        : base(
            context,
            "revert",
            "Makes the previous release current again, without contacting a server. The release that was current is "
            + "not installed again by itself; a newer one is.",
            "ota-agent revert editor",
            "ota-agent revert editor --to 1.3.0")
    {
        Add(_product);
        Add(_to);
    }

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var agent = OpenAgent(parsed);
        var before = agent.Get(product).Current?.Version ?? "";
        var now = agent.Revert(product, parsed.GetValue(_to), cancellationToken);
        var kept = agent.FindUses(product);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new RevertReport(product, now.Version, before, kept), ReportJson.Revert);
            return Task.FromResult(0);
        }
        Terminal.WriteLine($"reverted {product} {now.Version}");
        foreach (var release in kept)
            Terminal.Error.WriteLine($"warning: {product} {release.Version} is in use: {OneLine.Of(release.Cause)}");
        return Task.FromResult(0);
    }
}
