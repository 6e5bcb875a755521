using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>prune</c>: removes older releases and what interrupted runs left.</summary>
internal sealed class PruneVerb : AgentVerb
{
    private readonly Argument<string?> _product = OptionalProduct();
    private readonly Option<bool> _dryRun = DryRun();
    private readonly Option<int> _keep = Keep();

    /// <summary>Makes the command.</summary>
    public PruneVerb(AgentContext context)
        : base(
            context,
            "prune",
            "Removes older releases and what interrupted runs left.",
            "ota-agent prune",
            "ota-agent prune editor --keep 3 --dry-run")
    {
        Add(_product);
        Add(_dryRun);
        Add(_keep);
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var isDryRun = parsed.GetValue(_dryRun);
        var agent = OpenAgent(parsed);
        var lines = new List<PrunedProduct>();
        foreach (var facts in Named(parsed, _product))
        {
            var plan = agent.Prune(facts.Product, parsed.GetValue(_keep), isDryRun);
            lines.Add(new PrunedProduct(facts.Product, plan.Versions, plan.StagingTrees));
        }
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new PruneReport(isDryRun, lines), ReportJson.Prune);
            return Task.FromResult(0);
        }
        var verb = isDryRun ? "would remove" : "removed";
        foreach (var line in lines)
        {
            var versions = line.RemovedVersions.Count == 0 ? "no release" : string.Join(' ', line.RemovedVersions);
            Terminal.WriteLine($"{verb} {line.Product}: {versions}, {line.RemovedStagingTrees} unfinished");
        }
        return Task.FromResult(0);
    }
}
