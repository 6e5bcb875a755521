using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

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
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var isDryRun = parsed.GetValue(_dryRun);
        var agent = OpenAgent(parsed);
        var lines = new List<PrunedProduct>();
        var failures = await ForEachAsync(parsed, _product, product =>
        {
            var plan = agent.Prune(product, Given(parsed, _keep), isDryRun);
            lines.Add(new PrunedProduct(
                product, plan.Versions, plan.StagingTrees, plan.Kept, plan.Left));
            return Task.CompletedTask;
        });
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new PruneReport(isDryRun, lines, failures.Failed, failures.Worst), ReportJson.Prune);
            return failures.ExitCode;
        }
        var verb = isDryRun ? "would remove" : "removed";
        foreach (var line in lines)
        {
            var versions = line.RemovedVersions.Count == 0 ? "no release" : string.Join(' ', line.RemovedVersions);
            Terminal.WriteLine($"{verb} {line.Product}: {versions}, {line.RemovedStagingTrees} unfinished");
            foreach (var kept in line.Kept)
            {
                Terminal.Error.WriteLine(
                    $"warning: {line.Product} {kept.Version} stays: {OneLine.Of(kept.Cause)}");
            }
            foreach (var left in line.Left)
                Terminal.Error.WriteLine($"warning: a removed release is not gone: {OneLine.Of(left)}");
        }
        return failures.ExitCode;
    }
}
