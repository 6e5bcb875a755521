using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary><c>promote</c>: makes a published release current in a channel.</summary>
internal sealed class PromoteVerb : AdminVerb
{
    private readonly PromotionArguments _arguments = new("The version to promote.");

    private readonly Option<bool> _allowOlder = new("--allow-older")
    {
        Description = "The version need not be greater than the channel's. To go back to an older release, use "
            + "rerelease.",
    };

    private readonly Option<TimeSpan> _waitDeltas = PublishVerb.WaitDeltasOption();

    public PromoteVerb(AdminContext context) : base(context, "promote",
        "Moves a channel to a release that is published already: on all platforms of the version at once, or on none.",
        "ota-admin promote app 1.4.0 --to stable --keys keys",
        "# When the deltas that the channel's devices need are built, after 10 minutes at most:",
        "ota-admin promote app 1.4.0 --to stable --keys keys --wait-deltas=10m")
    {
        _arguments.AddTo(this);
        Add(_allowOlder);
        Add(_waitDeltas);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var goal = _arguments.Read(parsed) with { AllowsOlder = parsed.GetValue(_allowOlder) };
        goal.Check();
        using var keys = PublisherKeys.Open(
            await _arguments.ReadKeysAsync(parsed, Terminal, cancellationToken), goal.Product, needsRelease: false,
            Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var warnings = await SigningWarnings.FindAsync(
            session, keys.Root, goal.Product, Clock.GetUtcNow(), cancellationToken);
        var promotion = new Promotion(session, goal, keys, Clock);
        WaitedDeltas? deltas = null;
        if (parsed.GetResult(_waitDeltas) is not null)
        {
            deltas = WaitedDeltas.Of(await PublishProgress.ShowAsync(
                Terminal, Diagnostics(parsed), Clock,
                progress => promotion.WaitAsync(parsed.GetValue(_waitDeltas), progress, cancellationToken)));
        }

        var platforms = await promotion.RunAsync(cancellationToken);
        var report = new PromotionReport
        {
            Product = goal.Product,
            Version = goal.Version,
            Channel = goal.Channel,
            Platforms = platforms,
            Deltas = deltas,
            Warnings = warnings,
        };
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, AdminJson.Default.PromotionReport);
            return;
        }
        Write(report, Terminal);
        Warn(warnings);
    }

    /// <summary>Writes a line for each platform.</summary>
    public static void Write(PromotionReport report, Terminal terminal)
    {
        foreach (var platform in report.Platforms)
        {
            var what = platform.AlreadyCurrent ? "is current already in" : "is current in";
            terminal.WriteLine(
                $"{report.Product} {report.Version} {platform.Platform} {what} {report.Channel} until "
                + $"{Printable.Time(platform.ExpiresUnixSeconds)} (counter {platform.Counter})");
        }
    }
}
