using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>upgrade</c>: brings one product, or all, to the releases that their channels name.</summary>
internal sealed class UpgradeVerb : UpdateVerb
{
    private readonly Argument<string?> _product = OptionalProduct();

    /// <summary>Makes the command.</summary>
    public UpgradeVerb(AgentContext context)
        : base(
            context,
            "upgrade",
            "Brings installed products to the releases that their channels name; goes on where one fails.",
            "ota-agent upgrade",
            "ota-agent upgrade editor --dry-run",
            "ota-agent upgrade editor --json --progress json") =>
        Add(_product);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_product) is null && (parsed.GetValue(Version) ?? parsed.GetValue(Channel)) is not null)
            throw new ChunkOtaException(ErrorCodes.Usage, "--version and --channel apply to one product: name it");
        var results = new List<UpdateResult>();
        var failures = await ForEachAsync(parsed, _product, async product =>
        {
            var request = new UpdateRequest
            {
                Product = product,
                Version = parsed.GetValue(Version),
                Channel = parsed.GetValue(Channel),
                IsDryRun = parsed.GetValue(DryRunOption),
                Keep = Given(parsed, KeepOption),
                Link = Given(parsed, Link),
                VerifiesInFull = parsed.GetValue(VerifyOption),
            };
            var result = await UpdateAsync(
                parsed, (agent, progress) => agent.UpgradeAsync(request, progress, cancellationToken));
            if (!IsJson(parsed))
                UpdateReport.Write(Terminal, result);
            results.Add(result);
        });
        if (IsJson(parsed) && parsed.GetValue(_product) is not null)
            Terminal.WriteJson(results[0], ReportJson.Update);
        else if (IsJson(parsed))
            Terminal.WriteJson(new UpdateList(results, failures.Failed, failures.Worst), ReportJson.Updates);
        return ExitCodes.Worst(results.Select(ExitCodeOf).Append(failures.ExitCode));
    }
}
