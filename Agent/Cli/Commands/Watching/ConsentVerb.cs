using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>consent</c>: answers whether a release that is downloaded may become current.</summary>
internal sealed class ConsentVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    private readonly Option<bool> _yes = new("--yes")
    {
        Description = "Make the release current now, at any hour.",
    };

    private readonly Option<bool> _no = new("--no")
    {
        Description = "Do not install this release; watch asks again about the next one. A deadline still applies.",
    };

    private readonly Option<TimeSpan> _later = new("--later")
    {
        Description = "Ask again after this time, such as 2h.",
        HelpName = "DURATION",
        CustomParser = Durations.Parse,
    };

    /// <summary>Makes the command.</summary>
    public ConsentVerb(AgentContext context)
        : base(
            context,
            "consent",
            "Answers, for the application or a person, whether a release that watch has downloaded may become current. "
            + "Without an answer it shows what is asked.",
            "ota-agent consent editor",
            "ota-agent consent editor --yes",
            "ota-agent consent editor --later 2h")
    {
        Add(_product);
        Add(_yes);
        Add(_no);
        Add(_later);
        Validators.Add(result =>
        {
            var answers = (result.GetValue(_yes) ? 1 : 0) + (result.GetValue(_no) ? 1 : 0)
                + (result.GetResult(_later) is null ? 0 : 1);
            if (answers > 1)
                result.AddError("--yes, --no and --later exclude each other");
        });
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (product, agent) = (parsed.GetRequiredValue(_product), OpenAgent(parsed));
        var later = parsed.GetValue(_later);
        bool? answer = parsed.GetValue(_yes) ? true : parsed.GetValue(_no) ? false : null;
        if (answer is null && later == TimeSpan.Zero)
        {
            Show(parsed, agent.Get(product));
            return Task.FromResult(0);
        }

        var isWatched = agent.Consent(product, answer, later == TimeSpan.Zero ? null : Clock.GetUtcNow() + later);
        var summary = agent.Get(product);
        if (IsJson(parsed))
            Terminal.WriteJson(summary, ReportJson.Product);
        else if (answer == true)
            Terminal.WriteLine(isWatched
                ? $"{product} {summary.Staged?.Version} becomes current now"
                : $"{product} {summary.Staged?.Version} becomes current when ota-agent watch runs, or by "
                    + $"ota-agent upgrade {product}");
        else if (answer == false)
            Terminal.WriteLine($"{product} {summary.Staged?.Version} is not installed");
        else
            Terminal.WriteLine($"{product} {summary.Staged?.Version} is asked about again later");
        return Task.FromResult(0);
    }

    private void Show(ParseResult parsed, ProductSummary summary)
    {
        var isQuestion = summary.Staged?.IsQuestion == true;
        if (IsJson(parsed))
            Terminal.WriteJson(summary, ReportJson.Product);
        else if (isQuestion)
            Terminal.WriteLine(
                $"{summary.Product} {summary.Staged?.Version} waits for consent: --yes, --no or --later");
        else
            Terminal.WriteLine($"nothing of {summary.Product} waits for consent");
    }
}
