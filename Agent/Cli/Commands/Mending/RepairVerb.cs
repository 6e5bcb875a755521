using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>repair</c>: makes an installed release what its manifest says again.</summary>
internal sealed class RepairVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    private readonly Option<string?> _version = new("--version")
    {
        Description = "Repair this release; it must be installed (ota-agent show lists them). Default: the current "
            + "one.",
        HelpName = "V",
    };

    /// <summary>Makes the command.</summary>
    public RepairVerb(AgentContext context)
        : base(
            context,
            "repair",
            "Restores damaged, missing and changed files of an installed release; downloads only the damaged parts. "
            + "Files that others have added stay.",
            "ota-agent repair editor",
            "ota-agent repair editor --version 1.3.0 --json")
    {
        Add(_product);
        Add(_version);
    }

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(Notes(parsed), Clock, IsJson(parsed), isDryRun: false);
        RepairResult result;
        try
        {
            result = await OpenAgent(parsed).RepairAsync(
                parsed.GetRequiredValue(_product), parsed.GetValue(_version), progress, cancellationToken);
        }
        finally
        {
            progress.Clear();
        }
        if (IsJson(parsed))
        {
            Terminal.WriteJson(result, ReportJson.Repair);
            return 0;
        }
        var name = $"{result.Product} {result.Version}";
        UpdateReport.WriteRepaired(Terminal, name, result.Repaired);
        Terminal.WriteLine(result.Repaired.Count == 0
            ? $"{name} is as installed"
            : $"repaired {name}: {Printable.Count(result.Repaired.Count, "entry", "entries")}, "
                + $"{Printable.Bytes(result.FetchedChunkBytes)} fetched");
        return 0;
    }
}
