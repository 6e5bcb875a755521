using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>doctor</c>: examines everything that updates need; with <c>--recover</c>, goes back to a release that is
/// known to be good.</summary>
internal sealed class DoctorVerb : AgentVerb
{
    private readonly AgentContext _context;
    private readonly Argument<string?> _product = OptionalProduct();

    private readonly Option<bool> _fix = new("--fix")
    {
        Description = "Fix what is safe to fix: the permissions of the key, leftovers of killed runs, interrupted "
            + "switches.",
    };

    private readonly Option<bool> _recover = new("--recover")
    {
        Description = "If the current release of PRODUCT is damaged or withdrawn, go back to the newest kept one that "
            + "verifies in full, without a server; if there is none, to the newest of the publisher's anchors.",
    };

    private readonly Option<bool> _yes = new("--yes", "-y")
    {
        Description = "With --recover: do not ask before making a release current.",
    };

    /// <summary>Makes the command.</summary>
    public DoctorVerb(AgentContext context)
        : base(
            context,
            "doctor",
            "Checks the folder, disk, keys, trust, clock, releases and servers of this device, and names a fix for "
            + "each fault; exits with the code of the worst.",
            "ota-agent doctor",
            "ota-agent doctor editor --fix",
            "ota-agent doctor --recover editor --yes")
    {
        _context = context;
        Add(_product);
        Add(_fix);
        Add(_recover);
        Add(_yes);
        Validators.Add(result =>
        {
            if (result.GetValue(_yes) && !result.GetValue(_recover))
                result.AddError("--yes needs --recover");
            if (result.GetValue(_recover) && (result.GetValue(_fix) || result.GetValue(_product) is null))
                result.AddError("--recover needs the name of a product, and excludes --fix");
        });
    }

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_recover) && parsed.GetValue(_product) is { } damaged)
            return await RecoverAsync(parsed, damaged, cancellationToken);
        var (findings, settings) = EnvironmentChecks.Run(CommonOptions.Variable, () => LoadSettings(parsed));
        var agent = new UpdateAgent(_context.Home.ToAgentOptions(parsed, Terminal, settings), Clock);
        var report = await agent.DiagnoseAsync(
            parsed.GetValue(_product), parsed.GetValue(_fix), findings, cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, ReportJson.Doctor);
        }
        else
        {
            foreach (var finding in report.Findings)
                Write(finding);
        }
        return report.Error is { } error ? ExitCodes.Of(error.Code) : ExitCodes.Success;
    }

    private void Write(DoctorFinding finding)
    {
        var name = finding.Product is { } product ? $"{product}: {finding.Name}" : finding.Name;
        var word = finding.IsFixed ? "fixed" : finding.Level.ToWord();
        Terminal.WriteLine($"{word,-8}{name}: {finding.Text}");
        if (finding.Fix is { } fix)
            Terminal.WriteLine($"        fix: {fix}");
    }

    private async Task<int> RecoverAsync(ParseResult parsed, string product, CancellationToken cancellationToken)
    {
        var result = await OpenAgent(parsed).RecoverAsync(
            product, (version, fault) => parsed.GetValue(_yes) || Ask(product, version, fault), cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(result, ReportJson.Recover);
            return ExitCodes.Success;
        }
        foreach (var passed in result.PassedOver)
            Terminal.WriteLine($"passed over {product} {passed.Version}: {passed.Reason}");
        Terminal.WriteLine(result.IsChanged
            ? $"recovered {product} {result.Version}"
            : $"{product} {result.Version} is as installed: there is nothing to recover");
        return ExitCodes.Success;
    }

    /// <summary>Asks whoever started the command; only a plain yes counts.</summary>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: standard input has ended.</exception>
    private bool Ask(string product, string version, string fault)
    {
        Terminal.Error.WriteLine(OneLine.Of($"the current release of {product} cannot be used: {fault}"));
        Terminal.Error.Write($"make {product} {version} current? [y/N] ");
        Terminal.Error.Flush();
        if (Terminal.In.ReadLine() is not { } answer)
        {
            Terminal.Error.WriteLine();
            throw new ChunkOtaException(ErrorCodes.Usage, "standard input has no answer: pass --yes");
        }
        return answer.Trim() is "y" or "Y" or "yes";
    }
}
