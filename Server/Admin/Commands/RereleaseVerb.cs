using System.CommandLine;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>rerelease</c>: goes back on purpose.</summary>
internal sealed class RereleaseVerb : AdminVerb
{
    private readonly PromotionArguments _arguments = new("The release whose content is wanted again.");

    private readonly Option<string> _as = new("--as")
    {
        Description = "The version of the new release, greater than the channel's others.",
        HelpName = "V",
        Required = true,
    };

    public RereleaseVerb(AdminContext context) : base(context, "rerelease",
        "Goes back on purpose: signs the content of a published release as a new, higher one and moves the channel to "
        + "it. Nothing is uploaded, the tree is not needed, and devices that kept the old release download only the "
        + "manifest.",
        "# 1.4.1 and 1.4.2 are bad: back to what 1.4.0 was.",
        "ota-admin rerelease app 1.4.0 --as 1.4.3 --to stable --keys keys",
        "ota-admin rerelease app 1.4.0 --as 1.4.3 --to stable --platform linux-x64 --keys keys --json")
    {
        _arguments.AddTo(this);
        Add(_as);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var old = _arguments.Read(parsed);
        old.Check();
        var goal = old with { Version = parsed.GetRequiredValue(_as) };
        goal.Check();
        if (ReleaseVersion.Parse(goal.Version) <= ReleaseVersion.Parse(old.Version))
            throw new ChunkOtaException(
                ErrorCodes.VersionNotGreater,
                $"--as {goal.Version} is not greater than {old.Version}: choose a greater version, such as "
                + GoingBack.After(old.Version));
        using var keys = PublisherKeys.Open(
            await _arguments.ReadKeysAsync(parsed, Terminal, cancellationToken), goal.Product, needsRelease: true,
            Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var warnings = await SigningWarnings.FindAsync(
            session, keys.Root, goal.Product, Clock.GetUtcNow(), cancellationToken);
        await new Rerelease(session, old.Version, goal, keys, Clock).StoreAsync(cancellationToken);
        var platforms = await new Promotion(session, goal, keys, Clock).RunAsync(cancellationToken);
        var report = new PromotionReport
        {
            Product = goal.Product,
            Version = goal.Version,
            Channel = goal.Channel,
            ContentOf = old.Version,
            Platforms = platforms,
            Warnings = warnings,
        };
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, AdminJson.Default.PromotionReport);
            return;
        }
        PromoteVerb.Write(report, Terminal);
        Warn(warnings);
    }
}
