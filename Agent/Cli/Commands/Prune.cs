using System.CommandLine;

namespace ChunkOta.Agent.Cli;

/// <summary><c>prune</c>: removes releases that nobody will go back to.</summary>
internal sealed class Prune : Verb
{
    private readonly Argument<string?> _product = OptionalProduct();
    private readonly Option<bool> _dryRun = DryRun();
    private readonly Option<int> _keep = Keep();

    /// <summary>Makes the command.</summary>
    public Prune(VerbContext context)
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
        var products = OpenProducts(parsed);
        var lines = new List<PruneLine>();
        foreach (var facts in Named(parsed, _product))
        {
            var plan = products.Prune(facts.Product, parsed.GetValue(_keep), isDryRun);
            lines.Add(new PruneLine(facts.Product, plan.Versions, plan.StagingTrees));
        }
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new PruneAnswer(isDryRun, lines), CliJson.Default.PruneAnswer);
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
